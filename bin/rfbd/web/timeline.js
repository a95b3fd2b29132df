// The time line of a recording, over a WebSocket of its own (/control): one JSON object a line, in
// binary frames. The server says {kind, source, position, length, paused, speed, marks: [{at, text}]} at first
// and whenever it changes, times in seconds; we say {pause: bool}, {seek: seconds} or {speed: factor}.
const AGAIN_MS = 2000;

function clock(seconds) {
    const s = Math.max(0, Math.floor(seconds)), two = (n) => String(n).padStart(2, "0");
    return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

export class Timeline {
    constructor(elements, onSource) {
        this.e = elements;      // bar pause position length seek marks speed
        this.onSource = onSource;   // told whether the server has a picture's source
        this.socket = null;
        this.state = null;
        this.dragging = false;
        const { pause, seek, speed } = elements;
        pause.addEventListener("click", () => this.say({ pause: !this.state?.paused }));
        seek.addEventListener("input", () => { this.dragging = true; elements.position.textContent = clock(seek.value); });
        seek.addEventListener("change", () => { this.dragging = false; this.say({ seek: Number(seek.value) }); });
        speed.addEventListener("change", () => this.say({ speed: Number(speed.value) }));
        setInterval(() => this.tick(), 200);
    }

    open(url) {
        this.close();
        const socket = this.socket = new WebSocket(url, ["binary"]);
        const text = new TextDecoder();
        let rest = "";
        socket.binaryType = "arraybuffer";
        socket.onmessage = (event) => {
            const lines = (rest + text.decode(event.data, { stream: true })).split("\n");
            rest = lines.pop();
            for (const line of lines) { if (socket === this.socket) { this.heard(JSON.parse(line)); } }
        };
        let opened = false;
        socket.onopen = () => { opened = true; };
        // a server that has none stays without; one that a proxy has cut for being quiet is made again
        socket.onclose = () => {
            if (socket !== this.socket) { return; }
            this.hide();
            if (opened) { setTimeout(() => { if (socket === this.socket) { this.open(url); } }, AGAIN_MS); }
        };
    }

    close() {
        this.socket?.close();
        this.socket = null;
        this.hide();
    }

    hide() {
        this.e.bar.hidden = true;
        this.state = null;
    }

    say(what) {
        if (this.socket?.readyState === WebSocket.OPEN) {
            this.socket.send(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
        }
    }

    heard(state) {
        const { bar, pause, length, seek, marks, speed } = this.e;
        this.onSource(state.source !== false);
        this.state = { ...state, heardAt: performance.now() };
        bar.hidden = state.kind !== "recording";
        seek.max = state.length;
        length.textContent = clock(state.length);
        pause.setAttribute("aria-pressed", state.paused);
        pause.textContent = state.paused ? "Play" : "Pause";
        if (speed.querySelector(`[value="${state.speed}"]`)) { speed.value = state.speed; }
        marks.replaceChildren(...(state.marks ?? []).map(({ at, text }) => {
            const mark = document.createElement("i");
            mark.style.left = `${100 * at / (state.length || 1)}%`;
            mark.title = text;
            return mark;
        }));
        this.tick();
    }

    tick() {
        if (!this.state || this.dragging) { return; }
        const { position, paused, speed, length, heardAt } = this.state;
        const now = Math.min(length, position + (paused ? 0 : speed * (performance.now() - heardAt) / 1000));
        this.e.seek.value = now;
        this.e.position.textContent = clock(now);
        this.e.seek.setAttribute("aria-valuetext", clock(now));
    }
}
