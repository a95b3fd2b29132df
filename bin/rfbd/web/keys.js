// Keys that a browser or a touch screen cannot send by itself: combinations, held modifiers,
// and a hidden text field that brings up the touch keyboard.
import KeyTable from "./novnc/core/input/keysym.js";
import keysyms from "./novnc/core/input/keysymdef.js";

const CODES = { Control_L: "ControlLeft", Alt_L: "AltLeft", Super_L: "MetaLeft", Shift_L: "ShiftLeft",
                Escape: "Escape", Tab: "Tab", Print: "PrintScreen", F11: "F11" };

function send(session, name, down) {
    session.sendKey(KeyTable[`XK_${name}`], CODES[name], down);
}

export function wireKeys(panel, current) {
    const held = () => panel.querySelectorAll("[data-hold][aria-pressed=true]");
    panel.addEventListener("click", (event) => {
        const button = event.target.closest("button"), session = current();
        if (!button || !session) { return; }
        if (button.dataset.keys === "ctrl-alt-del") { session.sendCtrlAltDel(); }
        if (button.dataset.press) { send(session, button.dataset.press); }
        if (button.dataset.hold) {
            const down = button.getAttribute("aria-pressed") !== "true";
            button.setAttribute("aria-pressed", down);
            send(session, button.dataset.hold, down);
            session.focus();
        }
    });
    return { release() {
        for (const button of held()) {
            button.setAttribute("aria-pressed", "false");
            const session = current();
            if (session) { send(session, button.dataset.hold, false); }
        }
    } };
}

// The field keeps what an input method is still composing: setting it then would end the composition. What changed in it is
// typed on the remote screen as it changes, with backspaces for what was taken back.
export function wireTouchKeyboard(button, field, current) {
    const FILL = "\u200b\u200b";   // so that backspace has something to remove
    let before = FILL;
    const reset = () => {
        field.value = before = FILL;
        field.setSelectionRange(FILL.length, FILL.length);
    };
    function type(session, c) {
        if (c === "\n") { session.sendKey(KeyTable.XK_Return, "Enter"); }
        else if (c !== "\u200b") { session.sendKey(keysyms.lookup(c.codePointAt(0))); }
    }
    button.addEventListener("click", () => { reset(); field.focus(); });
    field.addEventListener("input", (event) => {
        const session = current(), was = [...before], is = [...field.value];
        let same = 0;
        while (same < was.length && was[same] === is[same]) { same++; }
        if (session) {
            for (let n = same; n < was.length; n++) { session.sendKey(KeyTable.XK_BackSpace, "Backspace"); }
            for (const c of is.slice(same)) { type(session, c); }
        }
        before = field.value;
        if (!event.isComposing) { reset(); }
    });
    field.addEventListener("compositionend", reset);
}
