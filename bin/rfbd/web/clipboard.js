// The clipboard panel, and, where the person allows it, the browser's own clipboard kept in step.
export function wireClipboard({ text, sendButton, sync, hint, current, onSync }) {
    let last = null;    // what the screen's clipboard has, as far as we know; ends echoes
    let own = null;     // the same of the browser's
    let missed = null;  // what was copied on the screen while the browser's could not be had

    const offer = (value) => {
        const session = current();
        if (session && value !== last) { last = value; session.clipboardPasteFrom(value); }
    };
    sendButton.addEventListener("click", () => { last = null; offer(text.value); });

    async function put(value) {
        await navigator.clipboard.writeText(value);
        own = value;
        missed = null;
    }
    // Whoever copied last, here or there, is right.
    async function readOwn() {
        if (!sync.checked || !document.hasFocus()) { return; }
        try {
            const value = await navigator.clipboard.readText();
            if (value && value !== own) { own = text.value = value; missed = null; offer(value); }
            else if (missed !== null) { await put(missed); }
            hint.textContent = "";
        } catch {
            sync.checked = false;
            onSync(false);
            hint.textContent = isSecureContext ? "This browser does not let the page have its clipboard."
                : "Browsers let only https and localhost pages have their clipboard.";
        }
    }
    sync.addEventListener("change", () => { onSync(sync.checked); readOwn(); });
    window.addEventListener("focus", readOwn);

    return {
        async received(value) {
            last = value;
            text.value = value;
            missed = value;
            if (sync.checked && document.hasFocus()) {
                try { await put(value); } catch { /* not allowed now */ }
            }
        },
    };
}
