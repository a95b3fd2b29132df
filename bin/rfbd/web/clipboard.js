// The clipboard panel, and, where the person allows it, the browser's own clipboard kept in step.
export function wireClipboard({ text, sendButton, sync, hint, current, onSync }) {
    let last = null;    // what both sides have; ends echoes

    const offer = (value) => {
        const session = current();
        if (session && value !== last) { last = value; session.clipboardPasteFrom(value); }
    };
    sendButton.addEventListener("click", () => { last = null; offer(text.value); });

    async function readOwn() {
        if (!sync.checked || !document.hasFocus()) { return; }
        try {
            const value = await navigator.clipboard.readText();
            if (value) { text.value = value; offer(value); }
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
            if (sync.checked && document.hasFocus()) {
                try { await navigator.clipboard.writeText(value); } catch { /* not allowed now */ }
            }
        },
    };
}
