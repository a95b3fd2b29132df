// The page: what is clicked, what is shown, and when to try again.
import { Session } from "./session.js";
import { Statistics } from "./statistics.js";
import { Timeline } from "./timeline.js";
import { defaultAddress, keepSetting, loadSettings, socketAddress } from "./settings.js";
import { wireClipboard } from "./clipboard.js";
import { wireKeys, wireTouchKeyboard } from "./keys.js";
import { SignIn } from "./signin.js";
import { wireBell } from "./bell.js";

const $ = (id) => document.getElementById(id);
const RETRY_FIRST_MS = 500, RETRY_LAST_MS = 15000, FIRST_TRIES = 3, ANSWER_MS = 20000;
const SILENT_S = 10, DEAD_S = 30;   // without a word of the server: said, and given up

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
const ring = wireBell($("screen"));
const signIn = new SignIn({ credentials: $("credentials"), userRow: $("user-row"), user: $("user"), passwordRow: $("password-row"),
                            password: $("password"), identity: $("identity"), fingerprint: $("fingerprint") }, settings);
const clipboard = wireClipboard({ text: $("clipboard"), sendButton: $("clipboard-send"), sync: $("clipboard-sync"), hint: $("clipboard-hint"), current,
                                  onSync: (on) => keepSetting("clipboard_sync", on) });

function setState(state, title) {
    document.body.dataset.state = state;
    $("title").textContent = title ?? $("title").textContent;
    $("disconnect").textContent = state === "connected" ? "Disconnect" : "Cancel";
    document.title = state === "connected" ? `${$("title").textContent} – rfbkit` : "rfbkit";
}

// What is wrong while we are connected, the worst first; "" is all well.
const troubles = { silent: "", source: "" };
function banner(text, retry = false) {
    $("banner-text").textContent = text;
    $("retry").hidden = !retry;
    $("banner").hidden = !text;
}
function trouble(which, text) {
    troubles[which] = text;
    if (document.body.dataset.state === "connected") { banner(troubles.silent || troubles.source); }
}

// The server is there, but what it shows is not: the last picture stays.
function sourceIs(there) {
    trouble("source", there ? "" : "The screen's source is gone: this is its last picture. It returns by itself.");
}

// A link that is cut without a word, as when a laptop wakes up elsewhere, is noticed by nobody else.
function silentFor(s, seconds) {
    if (s !== session) { return; }
    if (seconds === DEAD_S) { s.disconnect(); return; }
    trouble("silent", seconds >= SILENT_S ? "The server does not answer: this is its last picture." : "");
}

// --- picture -----------------------------------------------------------------------

// With a picture of its own size that is larger than the window: whether dragging moves the picture, or does what it does on the screen.
let dragging = matchMedia("(pointer: coarse)").matches;
$("drag").addEventListener("click", () => {
    dragging = !dragging;
    showSettings();
    applyPicture();
    session?.focus();
});

function applyPicture() {
    if (!session) { return; }
    session.scaleViewport = settings.scaling === "scale";
    session.clipViewport = settings.scaling === "clip";
    session.dragViewport = settings.scaling === "clip" && (settings.view_only || dragging);
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
    $("drag").setAttribute("aria-pressed", dragging || settings.view_only);
    for (const button of document.querySelectorAll("#keys-panel button, #clipboard-send, #touch-keyboard, #drag")) { button.disabled = settings.view_only; }
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

// A dead key is the browser's: what it makes of it and the next one is typed. noVNC would send where it is on the keyboard, too.
document.addEventListener("keydown", (e) => { if (e.key === "Dead") { e.stopPropagation(); } }, true);

$("fullscreen").hidden = !document.fullscreenEnabled;
$("fullscreen").addEventListener("click", () => {
    if (document.fullscreenElement) { document.exitFullscreen(); } else { document.documentElement.requestFullscreen().catch(() => {}); }
});
// Where the browser can, the screen gets Escape and the like, too; the bar waits above (style.css).
document.addEventListener("fullscreenchange", () => {
    const on = !!document.fullscreenElement;
    $("fullscreen").setAttribute("aria-pressed", on);
    if (on) { navigator.keyboard?.lock?.().catch(() => {}); } else { navigator.keyboard?.unlock?.(); }
    current()?.focus();
});

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
    troubles.silent = troubles.source = "";
    const s = session = new Session($("screen"), url.href, { shared: settings.shared, credentials: {} });
    s.background = "transparent";
    s.viewOnly = settings.view_only;
    applyPicture();
    const answer = setTimeout(() => { if (s === session && !s.counters.received) { s.disconnect(); } }, ANSWER_MS);
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
    s.addEventListener("bell", ring);
    s.addEventListener("clipboard", (e) => clipboard.received(e.detail.text));
    s.addEventListener("clippingviewport", (e) => { $("drag").hidden = !e.detail; });
    s.addEventListener("silence", (e) => silentFor(s, e.detail));
    s.addEventListener("credentialsrequired", async (e) => {
        answered(s, await signIn.credentials(e.detail.types), (told) => s.sendCredentials(told), "Not signed in.");
    });
    s.addEventListener("serververification", async (e) => {
        answered(s, await signIn.trusts(e.detail.publickey), () => s.approveServer(), "The server was not trusted.");
    });
    s.addEventListener("securityfailure", (e) => {
        wanted = null;
        $("connect-error").textContent = sentence(e.detail.reason || "the server refused");
    });
    s.addEventListener("disconnect", () => {
        clearTimeout(answer);
        if (s === session) { lost(); }
    });
}

// The person's answer, for the connection that asked, or, when that did not wait for it, for the next one.
function answered(s, answer, say, refusal) {
    if (!answer) { leave(refusal); } else if (s === session) { say(answer); } else { connect(); }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

function lost() {
    const s = session;
    session = null;
    statistics.stop();
    timeline.close();
    keys.release();
    closePanels();
    $("drag").hidden = true;
    if (wanted && signIn.asking) { return; }    // goes on with the answer
    if (wanted && (everConnected ? settings.reconnect : false)) {
        setState("waiting");
        banner("The connection was lost. Trying again…", true);
        retryTimer = setTimeout(connect, retryMs);
        retryMs = Math.min(RETRY_LAST_MS, retryMs * 2);
        return;
    }
    // a server that also takes viewers at its port may have taken this connection for one
    if (wanted && s && !s.counters.received && ++firstTries < FIRST_TRIES) {
        retryTimer = setTimeout(connect, RETRY_FIRST_MS);
        return;
    }
    if (wanted) {
        $("connect-error").textContent = s?.counters.received ? `${wanted.address} ended the connection.` : `Nothing answers at ${wanted.address}.`;
    }
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
    signIn.forget();
    banner("");
    setState("idle", "rfbkit");
    if (!$("connect").open) { $("connect").showModal(); }
}

$("connect").addEventListener("cancel", (e) => e.preventDefault());
$("connect-form").addEventListener("submit", () => {
    $("connect-error").textContent = "";
    wanted = { address: socketAddress($("address").value.trim(), settings.path) };
    connect();
});
$("disconnect").addEventListener("click", () => leave(""));
// whoever comes back, or says so, does not wait for the next try
function tryNow() {
    if (!wanted || session || signIn.asking) { return; }
    retryMs = RETRY_FIRST_MS;
    connect();
}
$("retry").addEventListener("click", () => {
    const hanging = session;
    session = null;
    hanging?.disconnect();
    tryNow();
});
window.addEventListener("online", tryNow);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { tryNow(); } });
// an address that differs in its fragment only is no new page to a browser
window.addEventListener("hashchange", () => location.reload());

showSettings();
$("address").value = defaultAddress(settings);
if (settings.autoconnect) {
    wanted = { address: socketAddress($("address").value, settings.path) };
    connect();
} else {
    welcome();
}
