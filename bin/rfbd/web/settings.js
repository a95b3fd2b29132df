// What the page remembers: the address's fragment first (#view_only=1&quality=6), then what
// was chosen last time, then the defaults. Passwords are taken from the fragment only and never kept.
const KEPT = "rfbkit";
const DEFAULTS = {
    host: "", port: "", path: "websockify", encrypt: "",
    autoconnect: false, view_only: false, shared: true, reconnect: true,
    scaling: "scale", quality: 10, compression: 2, dot_cursor: false, clipboard_sync: false,
    username: "", password: "",
};
const NEVER_KEPT = new Set(["password", "username", "autoconnect", "host", "port", "path", "encrypt"]);

function typed(name, text) {
    switch (typeof DEFAULTS[name]) {
    case "boolean": return !["0", "false", "no", "off", ""].includes(text.toLowerCase());
    case "number": return Number.isFinite(Number(text)) ? Math.trunc(Number(text)) : DEFAULTS[name];
    default: return text;
    }
}

function kept() {
    try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; }
}

export function loadSettings() {
    const settings = { ...DEFAULTS };
    for (const [name, value] of Object.entries(kept())) {
        if (name in DEFAULTS && !NEVER_KEPT.has(name) && typeof value === typeof DEFAULTS[name]) { settings[name] = value; }
    }
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
        if (Object.hasOwn(DEFAULTS, name)) { settings[name] = typed(name, text); }
    }
    return settings;
}

export function keepSetting(name, value) {
    try { localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [name]: value })); } catch { /* private window */ }
}

// The WebSocket's address: from "host", "host:port" or a whole ws://, wss:// address.
export function socketAddress(text, path = "websockify") {
    if (/^wss?:\/\//i.test(text)) { return text; }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const host = text || location.host;
    // behind a proxy the page may live in a folder, and its WebSocket beside it
    const folder = host === location.host && !path.startsWith("/") ? location.pathname.replace(/[^/]*$/, "") : "/";
    return `${scheme}://${host}${folder}${path.replace(/^\//, "")}`;
}

export function defaultAddress(settings) {
    const host = settings.host || location.hostname, port = settings.port || location.port;
    const address = port ? `${host}:${port}` : host;
    if (settings.encrypt === "") { return address; }
    const scheme = typed("view_only", settings.encrypt) ? "wss" : "ws";
    return `${scheme}://${address}/${settings.path}`;
}
