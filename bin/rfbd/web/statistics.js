// The statistics panel: differences of the session's counters, twice a second.
import { ENCODINGS } from "./session.js";

const EVERY_MS = 500;
const WINDOW_MS = 2000;     // rates are averages over this long

export function bytesText(n) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit++; }
    return `${unit ? n.toFixed(1) : n} ${units[unit]}`;
}

function inUse(now, then) {
    let best = null, most = 0;
    for (const [encoding, n] of now) {
        const more = n - (then.get(encoding) ?? 0);
        if (more > most) { best = encoding; most = more; }
    }
    return best;
}

export class Statistics {
    constructor(elements) {
        this.elements = elements;   // fps rate received sent size encoding rtt
        this.timer = null;
    }

    watch(session) {
        this.stop();
        this.session = session;
        this.history = [{ at: performance.now(), received: 0, frames: 0, rectangles: new Map() }];
        this.encoding = null;
        this.timer = setInterval(() => this.show(), EVERY_MS);
        this.show();
    }

    stop() {
        clearInterval(this.timer);
    }

    show() {
        const { counters, size } = this.session, now = performance.now();
        this.history.push({ at: now, received: counters.received, frames: counters.frames,
                            rectangles: new Map(counters.rectangles) });
        while (this.history.length > 2 && now - this.history[1].at > WINDOW_MS) { this.history.shift(); }
        const first = this.history[0], seconds = (now - first.at) / 1000;
        const e = this.elements;
        if (seconds > 0) {
            e.fps.textContent = ((counters.frames - first.frames) / seconds).toFixed(1);
            e.rate.textContent = ((counters.received - first.received) / seconds / 1000).toFixed(1);
            this.encoding = inUse(counters.rectangles, first.rectangles) ?? this.encoding;
        }
        e.received.textContent = bytesText(counters.received);
        e.received.dataset.bytes = counters.received;
        e.sent.textContent = bytesText(counters.sent);
        e.size.textContent = size[0] ? `${size[0]} × ${size[1]}` : "–";
        e.encoding.textContent = this.encoding === null ? "–" : ENCODINGS.get(this.encoding) ?? `number ${this.encoding}`;
        e.rtt.textContent = counters.rtt === null ? "–" : `${counters.rtt.toFixed(1)} ms`;
    }
}
