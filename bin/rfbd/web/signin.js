// What a server asks before it lets anybody in: who we are, and whether we know it. A server waits for half a minute only, so
// a dialog outlives the connection that asked: the next one gets the answer. What was said stays in memory while the
// person wants to be connected, so that the page comes back by itself.
async function ask(dialog) {
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
    return dialog.returnValue === "ok";
}

export class SignIn {
    constructor(elements, given) {
        this.e = elements;      // credentials userRow user passwordRow password identity fingerprint
        this.given = given;     // username and password of the page's address: the password is tried once
        this.asking = false;    // a dialog is open
        this.forget();
    }

    forget() {
        this.told = null;
        this.trusted = null;
    }

    async _ask(dialog) {
        this.asking = true;
        try { return await ask(dialog); } finally { this.asking = false; }
    }

    // { username, password } for what a server wants of them; null when the person would not say.
    async credentials(types) {
        const e = this.e, { username, password } = this.told ?? this.given, known = { username, password };
        this.given.password = "";
        if (types.every((type) => known[type])) { return this.told = known; }
        e.userRow.hidden = !types.includes("username");
        e.passwordRow.hidden = !types.includes("password");
        e.user.value ||= username;
        e.password.value = "";
        const ok = await this._ask(e.credentials);
        this.told = ok ? { username: e.user.value, password: e.password.value, target: "" } : null;
        e.password.value = "";
        return this.told;
    }

    // Whether the person knows the server that has this key.
    async trusts(key) {
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key));
        const fingerprint = Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join(":");
        if (fingerprint === this.trusted) { return true; }
        this.e.fingerprint.textContent = fingerprint;
        this.trusted = await this._ask(this.e.identity) ? fingerprint : null;
        return this.trusted !== null;
    }
}
