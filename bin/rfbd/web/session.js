// One RFB connection: noVNC's RFB class, with what goes over the wire counted for real.
// The WebSocket is made here and handed to noVNC, so every byte passes our counter; frames,
// encodings and round trips are read where noVNC decodes them.
import RFB from "./novnc/core/rfb.js";
import { encodings } from "./novnc/core/encodings.js";

const FENCE_REQUEST = 0x80000000;
const PING = "rfbkit";          // payload of our own fences, to know their answers
const PING_EVERY_MS = 1000;

export const ENCODINGS = new Map([
    [0, "Raw"], [1, "CopyRect"], [2, "RRE"], [5, "Hextile"], [6, "Zlib"], [7, "Tight"],
    [16, "ZRLE"], [21, "JPEG"], [50, "H.264"], [-260, "TightPNG"],
]);

export class Counters {
    constructor() {
        this.received = 0;
        this.sent = 0;
        this.frames = 0;
        this.rectangles = new Map();    // encoding number → rectangles
        this.rtt = null;                // milliseconds
    }
}

function countedSocket(url, counters) {
    const socket = new WebSocket(url, ["binary"]);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => { counters.received += event.data.byteLength ?? event.data.length; });
    const send = socket.send.bind(socket);
    socket.send = (data) => { counters.sent += data.byteLength ?? data.length; send(data); };
    return socket;
}

export class Session extends RFB {
    constructor(target, url, options) {
        const counters = new Counters();
        super(target, countedSocket(url, counters), options);
        this.counters = counters;
        this._pingSent = null;
        this._silence = this._heard = 0;
        this._pingTimer = setInterval(() => { this._listen(); this._ping(); }, PING_EVERY_MS);
        this.addEventListener("disconnect", () => clearInterval(this._pingTimer));
    }

    // Exact pictures: noVNC always lists a JPEG quality, which allows lossy encodings, and H.264 where the browser has it;
    // this leaves them out.
    set lossless(on) {
        if (this._lossless === on) { return; }
        this._lossless = on;
        if (this._rfbConnectionState === "connected") { this._sendEncodings(); }
    }

    _sendEncodings() {
        const send = RFB.messages.clientEncodings;
        const isLossy = (encoding) => (encoding >= -32 && encoding <= -23) || encoding === encodings.encodingH264;
        RFB.messages.clientEncodings = (sock, list) => send(sock, this._lossless ? list.filter((n) => !isLossy(n)) : list);
        try { super._sendEncodings(); } finally { RFB.messages.clientEncodings = send; }
    }

    get size() { return [this._fbWidth, this._fbHeight]; }

    // Says how many pings' time ("silence") the server has not said a word since we asked for one. Ticks are counted, not
    // seconds: after a computer's sleep the server gets its time to answer.
    _listen() {
        const { received } = this.counters, before = this._silence;
        this._silence = this._pingSent === null || received !== this._heard ? 0 : before + 1;
        this._heard = received;
        if (this._silence !== before) { this.dispatchEvent(new CustomEvent("silence", { detail: this._silence })); }
    }

    _ping() {
        if (!this._supportsFence || this._pingSent !== null || this._rfbConnectionState !== "connected") {
            return;
        }
        this._pingSent = performance.now();
        RFB.messages.clientFence(this._sock, FENCE_REQUEST | 0, PING);
    }

    // noVNC fails on a fence that answers one of ours; it never sends any. Those end here.
    _handleServerFenceMsg() {
        if (this._sock.rQwait("ServerFence header", 8, 1)) { return false; }
        const head = this._sock.rQpeekBytes(8);
        if (head[3] & 0x80) { return super._handleServerFenceMsg(); }
        const length = head[7];
        if (this._sock.rQwait("ServerFence payload", 8 + length, 1)) { return false; }
        this._sock.rQskipBytes(8);
        if (this._sock.rQshiftStr(length) === PING && this._pingSent !== null) {
            this.counters.rtt = performance.now() - this._pingSent;
            this._pingSent = null;
        }
        return true;
    }

    _framebufferUpdate() {
        const done = super._framebufferUpdate();
        if (done) { this.counters.frames++; }
        return done;
    }

    _handleDataRect() {
        const encoding = this._FBU.encoding;
        const done = super._handleDataRect();
        if (done) { this.counters.rectangles.set(encoding, (this.counters.rectangles.get(encoding) ?? 0) + 1); }
        return done;
    }
}
