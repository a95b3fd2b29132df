// The page: what is clicked, what is shown, and when to try again.
import { Session } from "./session.js";
import { Statistics } from "./statistics.js";
import { Timeline } from "./timeline.js";
import { defaultAddress, keepSetting, loadSettings, socketAddress } from "./settings.js";
import { wireClipboard } from "./clipboard.js";
import { wireKeys, wireTouchKeyboard } from "./keys.js";

const $ = (id) => document.getElementById(id);
const RETRY_FIRST_MS = 500, RETRY_LAST_MS = 15000, FIRST_TRIES = 3;

const settings = loadSettings();
let session = null;         // the RFB connection that is up or being made
let wanted = null;          // { address } while the person wants to be connected
let everConnected = false, firstTries = 0, retryMs = RETRY_FIRST_MS, retryTimer = null;
const current = () => (document.body.dataset.state === "connected" ? session : null);

const statistics = new Statistics({ fps: $("stat-fps"), rate: $("stat-rate"), received: $("stat-received"), sent: $("stat-sent"),
                                    size: $("stat-size"), encoding: $("stat-encoding"), rtt: $("stat-rtt") });
const timeline = new Timeline({ bar: $("timeline"), pause: $("pause"), position: $("position"), length: $("length"),
                                seek: $("seek"), marks: $("marks"), speed: $("speed") }, sourceIs);
const keys = wireKeys($("keys-panel"), current);
wireTouchKeyboard($("touch-keyboard"), $("touch-input"), current);
const clipboard = wireClipboard({ text: $("clipboard"), sendButton: $("clipboard-send"), sync: $("clipboard-sync"), current,
                                  onSync: (on) => keepSetting("clipboard_sync", on) });

function setState(state, title) {
    document.body.dataset.state = state;
    $("title").textContent = title ?? $("title").textContent;
    document.title = state === "connected" ? `${$("title").textContent} – rfbkit` : "rfbkit";
}

function banner(text) {
    $("banner").textContent = text;
    $("banner").hidden = !text;
}

// The server is there, but what it shows is not: the last picture stays.
function sourceIs(there) {
    if (document.body.dataset.state === "connected") { banner(there ? "" : "The screen's source is gone: this is its last picture. It returns by itself."); }
}

// --- picture -----------------------------------------------------------------------

function applyPicture() {
    if (!session) { return; }
    session.scaleViewport = settings.scaling === "scale";
    session.clipViewport = settings.scaling === "clip";
    session.dragViewport = settings.scaling === "clip" && (settings.view_only || matchMedia("(pointer: coarse)").matches);
    session.resizeSession = settings.scaling === "resize";
    session.showDotCursor = settings.dot_cursor;
    session.compressionLevel = settings.compression;
    session.lossless = settings.quality === 10;
    if (settings.quality < 10) { session.qualityLevel = settings.quality; }
}

function showSettings() {
    $("scaling").value = settings.scaling;
    $("quality").value = settings.quality;
    $("quality-value").textContent = settings.quality === 10 ? "exact" : settings.quality;
    $("compression").value = settings.compression;
    $("compression-value").textContent = settings.compression;
    $("dot-cursor").checked = settings.dot_cursor;
    $("view-only").checked = $("connect-view-only").checked = settings.view_only;
    $("clipboard-sync").checked = settings.clipboard_sync;
}

function choose(name, value) {
    settings[name] = value;
    keepSetting(name, value);
    showSettings();
    applyPicture();
}

function setViewOnly(on) {
    if (on) { keys.release(); }
    choose("view_only", on);
    if (session) { session.viewOnly = on; }
}

$("scaling").addEventListener("change", (e) => choose("scaling", e.target.value));
$("quality").addEventListener("input", (e) => choose("quality", Number(e.target.value)));
$("compression").addEventListener("input", (e) => choose("compression", Number(e.target.value)));
$("dot-cursor").addEventListener("change", (e) => choose("dot_cursor", e.target.checked));
$("view-only").addEventListener("change", (e) => setViewOnly(e.target.checked));
$("connect-view-only").addEventListener("change", (e) => setViewOnly(e.target.checked));
$("screenshot").addEventListener("click", () => current()?.toBlob((blob) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob),
        download: `${$("title").textContent.replace(/[^\w.-]+/g, "-")}-${new Date().toISOString().slice(0, 19).replace(/:/g, "")}.png` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}));

// --- panels, full screen -------------------------------------------------------------

for (const button of document.querySelectorAll("[data-panel]")) {
    button.addEventListener("click", () => {
        const opening = $(button.dataset.panel).hidden;
        closePanels();
        $(button.dataset.panel).hidden = !opening;
        button.setAttribute("aria-expanded", opening);
    });
}
function closePanels() {
    for (const button of document.querySelectorAll("[data-panel]")) {
        $(button.dataset.panel).hidden = true;
        button.setAttribute("aria-expanded", "false");
    }
}
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && e.target.closest(".panel, #bar")) { closePanels(); session?.focus(); } });
// The one key that the remote screen does not get: without it nobody who only has a keyboard could leave.
document.addEventListener("keydown", (e) => {
    if (!(e.code === "KeyM" && e.ctrlKey && e.altKey && e.shiftKey)) { return; }
    e.preventDefault();
    e.stopPropagation();
    window.dispatchEvent(new Event("blur"));    // noVNC lets go of what is held
    $("view-only").focus();
}, true);

$("fullscreen").addEventListener("click", () => {
    if (document.fullscreenElement) { document.exitFullscreen(); } else { document.documentElement.requestFullscreen().catch(() => {}); }
});
document.addEventListener("fullscreenchange", () => $("fullscreen").setAttribute("aria-pressed", !!document.fullscreenElement));

// --- dialogs -----------------------------------------------------------------------------

async function ask(dialog) {
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
    return dialog.returnValue === "ok";
}

async function askCredentials(types) {
    const known = { username: settings.username, password: settings.password };
    settings.password = "";     // what the fragment gave is tried once
    if (types.every((type) => known[type])) { return known; }
    $("user-row").hidden = !types.includes("username");
    $("password-row").hidden = !types.includes("password");
    $("password").value = "";
    const ok = await ask($("credentials"));
    return ok ? { username: $("user").value, password: $("password").value, target: "" } : null;
}

async function showFingerprint(key) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key));
    $("fingerprint").textContent = Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join(":");
    return ask($("identity"));
}

// --- connecting and trying again --------------------------------------------------------------

function controlAddress(address, id) {
    const url = new URL(address);
    url.pathname = url.pathname.replace(/[^/]*$/, "control");
    url.search = `?session=${id}`;
    return url.href;
}

function connect() {
    clearTimeout(retryTimer);
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
    const url = new URL(wanted.address);
    url.search = `?session=${id}`;
    setState(everConnected ? "waiting" : "connecting", everConnected ? undefined : "Connecting…");
    const s = session = new Session($("screen"), url.href, { shared: settings.shared, credentials: {} });
    s.background = "transparent";
    s.viewOnly = settings.view_only;
    applyPicture();
    s.addEventListener("connect", () => {
        everConnected = true;
        retryMs = RETRY_FIRST_MS;
        banner("");
        setState("connected");
        statistics.watch(s);
        timeline.open(controlAddress(wanted.address, id));
        s.focus();
    });
    s.addEventListener("desktopname", (e) => setState(document.body.dataset.state, e.detail.name || "Remote screen"));
    s.addEventListener("bell", () => flashBell());
    s.addEventListener("clipboard", (e) => clipboard.received(e.detail.text));
    s.addEventListener("credentialsrequired", async (e) => {
        const answer = await askCredentials(e.detail.types);
        if (answer) { s.sendCredentials(answer); } else { leave("Not signed in."); }
    });
    s.addEventListener("serververification", async (e) => {
        if (await showFingerprint(e.detail.publickey)) { s.approveServer(); } else { leave("The server was not trusted."); }
    });
    s.addEventListener("securityfailure", (e) => {
        wanted = null;
        $("connect-error").textContent = e.detail.reason || "The server refused.";
    });
    s.addEventListener("disconnect", () => { if (s === session) { lost(); } });
}

function lost() {
    const s = session;
    session = null;
    statistics.stop();
    timeline.close();
    closePanels();
    if (wanted && (everConnected ? settings.reconnect : false)) {
        setState("waiting");
        banner("The connection was lost. Trying again…");
        retryTimer = setTimeout(connect, retryMs);
        retryMs = Math.min(RETRY_LAST_MS, retryMs * 2);
        return;
    }
    // a server that also takes viewers at its port may have taken this connection for one
    if (wanted && s && !s.counters.received && ++firstTries < FIRST_TRIES) {
        retryTimer = setTimeout(connect, RETRY_FIRST_MS);
        return;
    }
    if (wanted) { $("connect-error").textContent = `Nothing answers at ${wanted.address}.`; }
    welcome();
}

function leave(why) {
    wanted = null;
    clearTimeout(retryTimer);
    $("connect-error").textContent = why;
    if (session) { session.disconnect(); } else { lost(); }
}

function welcome() {
    wanted = null;
    everConnected = false;
    firstTries = 0;
    banner("");
    setState("idle", "rfbkit");
    if (!$("connect").open) { $("connect").showModal(); }
}

// A bell is a short sound and a flash of the frame, for those who hear and those who do not.
let audio = null;
function flashBell() {
    $("screen").animate?.([{ opacity: 1 }, { opacity: 0.6 }, { opacity: 1 }], 180);
    audio ??= new AudioContext();
    const tone = audio.createOscillator(), volume = audio.createGain();
    volume.gain.setValueAtTime(0.08, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.15);
}

$("connect").addEventListener("cancel", (e) => e.preventDefault());
$("connect-form").addEventListener("submit", () => {
    $("connect-error").textContent = "";
    wanted = { address: socketAddress($("address").value.trim(), settings.path) };
    connect();
});
$("disconnect").addEventListener("click", () => leave(""));
window.addEventListener("online", () => { if (wanted && !session) { connect(); } });

showSettings();
$("address").value = defaultAddress(settings);
if (settings.autoconnect) {
    wanted = { address: socketAddress($("address").value, settings.path) };
    connect();
} else {
    welcome();
}
