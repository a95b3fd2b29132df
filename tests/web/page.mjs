// Drives the browser page in headless Chromium, one line of stdin at a time, so that a shell test can
// do things on the X side in between: each command answers with one line, "ok …" or "failed …".
// One browser serves many tests; "close" leaves nothing of one to the next.
import { chromium } from "playwright-core";
import { createInterface } from "node:readline";
import { readFileSync, writeFileSync } from "node:fs";

const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const PATIENCE_MS = 1000 * Number(process.env.PATIENCE ?? 30);

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--ignore-certificate-errors"],
});
// Playwright ends the browser by itself, but not what waits for the next line.
process.on("SIGTERM", async () => { await browser.close(); process.exit(0); });

// The page of one test, in a context of its own; what went wrong in it, and the addresses of its WebSockets.
let context = null, page = null, problems = [], sockets = [], closed = 0;

async function openPage() {
    context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 },
                                         permissions: ["clipboard-read", "clipboard-write"] });
    page = await context.newPage();
    [problems, sockets, closed] = [[], [], 0];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => { if (message.type() === "error") { problems.push(message.text()); } });
    page.on("websocket", (socket) => {
        sockets.push(socket.url());
        socket.on("close", () => { closed++; });
    });
    page.setDefaultTimeout(PATIENCE_MS);
}

// While the page makes room for its successor there is nobody to ask.
const inTransit = (error) => { if (!/context was destroyed|navigat/.test(error.message)) { throw error; } };

async function until(what, test) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
        const value = await (async () => test())().catch(inTransit);
        if (value) { return value; }
        if (Date.now() > end) { throw new Error(`waited in vain for ${what}`); }
        await page.waitForTimeout(50);
    }
}

const state = () => page.evaluate(() => document.body?.dataset.state);
const text = (id) => page.evaluate((i) => document.getElementById(i).textContent, id);

// The canvas as a PPM.
async function canvasPpm() {
    const [w, h, base64] = await page.evaluate(() => {
        const canvas = document.querySelector("#screen canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const rgb = new Uint8Array(canvas.width * canvas.height * 3);
        for (let i = 0, o = 0; i < data.length; i += 4) { rgb[o++] = data[i]; rgb[o++] = data[i + 1]; rgb[o++] = data[i + 2]; }
        let s = "";
        for (let i = 0; i < rgb.length; i += 32768) { s += String.fromCharCode(...rgb.subarray(i, i + 32768)); }
        return [canvas.width, canvas.height, btoa(s)];
    });
    return Buffer.concat([Buffer.from(`P6\n${w} ${h}\n255\n`), Buffer.from(base64, "base64")]);
}

const pixelsOf = (ppm) => ppm.subarray(ppm.indexOf("255\n") + 4);

const commands = {
    async open(url) {
        if (!page) { await openPage(); }
        await page.goto(url);
    },
    async close() {
        await context?.close();
        context = page = null;
        return "closed";
    },
    // noVNC by itself, without our page around it; with numbers of encodings it lists no others of pixels, and no quality. What it is
    // told is in `told`, which encodings came in `used`.
    async novnc(url, ...only) {
        const { host, origin } = new URL(url);
        await page.goto(`${origin}/novnc/core/encodings.js`);
        await page.evaluate(async ([ws, wanted]) => {
            const { default: RFB } = await import("/novnc/core/rfb.js");
            const send = RFB.messages.clientEncodings, pixels = [0, 2, 5, 6, 7, 16, 21, 50, -260];
            const told = globalThis.told = [], used = globalThis.used = new Set();
            if (wanted.length) {
                RFB.messages.clientEncodings = (sock, list) => send(sock, [...wanted,
                    ...list.filter((n) => !pixels.includes(n) && !(n >= -32 && n <= -23))]);
            }
            class Listening extends RFB {
                _handleDataRect() {
                    used.add(this._FBU.encoding);
                    return super._handleDataRect();
                }
            }
            document.body.innerHTML = '<div id="screen" style="width: 1200px; height: 800px"></div>';
            const rfb = globalThis.rfb = new Listening(document.getElementById("screen"), ws, { shared: true });
            for (const kind of ["connect", "bell", "desktopname", "clipboard", "disconnect"]) {
                rfb.addEventListener(kind, (e) => told.push([kind, ...Object.values(e.detail ?? {})].join(" ")));
            }
        }, [`ws://${host}/websockify`, only.map(Number)]);
        await until("noVNC to connect", () => page.evaluate(() => globalThis.told.includes("connect")));
    },
    async waitjs(...words) { await until(words.join(" "), () => page.evaluate(words.join(" "))); },
    async js(...words) { return JSON.stringify(await page.evaluate(words.join(" "))); },
    async viewport(w, h) { await page.setViewportSize({ width: Number(w), height: Number(h) }); },
    async scheme(name) { await page.emulateMedia({ colorScheme: name }); },
    async connect() { await page.click("#connect-form button[type=submit]"); },
    async signin(...words) {
        await page.waitForSelector("#credentials[open]");
        const [password, user] = words;
        if (user) { await page.fill("#user", user); }
        await page.fill("#password", password);
        await page.click("#credentials-form button[value=ok]");
    },
    async wait(wanted) { await until(`state ${wanted}`, async () => (await state()) === wanted); },
    async state() { return state(); },
    async text(id) { return text(id); },
    async waittext(id, ...words) {
        const wanted = words.join(" ");
        await until(`${id} to say ${wanted}`, async () => (await text(id)).includes(wanted));
    },
    async value(id) { return JSON.stringify(await page.inputValue(`#${id}`)); },
    async waitvalue(id, ...words) {
        const wanted = JSON.parse(words.join(" "));
        await until(`${id} to hold ${wanted}`, async () => (await page.inputValue(`#${id}`)) === wanted);
    },
    async fill(id, ...words) { await page.fill(`#${id}`, JSON.parse(words.join(" "))); },
    async set(id, value) {
        await page.evaluate(([i, v]) => {
            const e = document.getElementById(i);
            e.value = v;
            e.dispatchEvent(new Event("input"));
            e.dispatchEvent(new Event("change"));
        }, [id, value]);
    },
    async click(selector) { await page.click(selector); },
    async focused() { return page.evaluate(() => document.activeElement?.id); },
    async hidden(id) { return page.evaluate((i) => document.getElementById(i).hidden, id); },
    async focus() { await page.evaluate(() => document.querySelector("#screen canvas").focus()); },
    async shown(id) { return page.evaluate((i) => document.getElementById(i).checkVisibility(), id); },
    async unconnected() { await until("all connections to be closed", () => closed === sockets.length); },
    async mouse(x, y) { await page.mouse.move(Number(x), Number(y)); },
    async drag(...numbers) {
        const [x, y, toX, toY] = numbers.map(Number);
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.move(toX, toY, { steps: 4 });
        await page.mouse.up();
    },
    async reconnect(times) {
        for (let n = 0; n < Number(times); n++) {
            await page.click("#disconnect");
            await commands.wait("idle");
            await commands.connect();
            await commands.wait("connected");
        }
    },
    // What the page holds once all that it let go of is collected.
    async held() {
        const cdp = await context.newCDPSession(page);
        await cdp.send("Performance.enable");
        await cdp.send("HeapProfiler.collectGarbage");
        const { metrics } = await cdp.send("Performance.getMetrics"), of = (name) => metrics.find((m) => m.name === name).value;
        return JSON.stringify({ bytes: of("JSHeapUsedSize"), nodes: of("Nodes"), listeners: of("JSEventListeners") });
    },
    // From the next page on: what connects to /control can be cut, as a proxy does with what is quiet.
    async cuttable() {
        await page.addInitScript(() => {
            globalThis.controls = [];
            globalThis.WebSocket = new Proxy(WebSocket, { construct(made, args) {
                const socket = new made(...args);
                if (String(args[0]).includes("/control")) { globalThis.controls.push(socket); }
                return socket;
            } });
        });
    },
    async cut() { await page.evaluate(() => globalThis.controls.at(-1).close()); },
    async controls() { return page.evaluate(() => globalThis.controls.length); },
    // A key as the browser tells of it, without what the keyboard's layout would make of it: "é KeyE".
    async key(key, code) {
        const cdp = await context.newCDPSession(page), text = [...key].length === 1 ? key : undefined;
        await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, text });
        await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", key, code });
    },
    // What an input method shows while a word is being written, step by step, and then what it makes of it.
    async compose(...words) {
        const cdp = await context.newCDPSession(page), text = words.pop();
        for (const w of words) { await cdp.send("Input.imeSetComposition", { text: w, selectionStart: w.length, selectionEnd: w.length }); }
        await cdp.send("Input.insertText", { text });
    },
    // From now on the page's clock is ours too: lets all that it waits for in so many seconds happen now.
    async clock() { await page.clock.install(); },
    async pass(seconds) { await page.clock.runFor(1000 * Number(seconds)); },
    async type(...words) { for (const c of words.join(" ")) { await page.keyboard.press(c === " " ? "Space" : c); } },
    async press(key) { await page.keyboard.press(key); },
    async insert(...words) { await page.keyboard.insertText(words.join(" ")); },
    // A click at a point of the remote screen.
    async clickat(x, y, button = "left") {
        const at = await page.evaluate(([px, py]) => {
            const c = document.querySelector("#screen canvas"), r = c.getBoundingClientRect();
            return [r.left + (px + 0.5) * r.width / c.width, r.top + (py + 0.5) * r.height / c.height];
        }, [Number(x), Number(y)]);
        await page.mouse.click(at[0], at[1], { button });
    },
    // The same with a button that Playwright does not have: back, forward.
    async sideclickat(x, y, button) {
        const at = await page.evaluate(([px, py]) => {
            const r = document.querySelector("#screen canvas").getBoundingClientRect();
            return { x: r.left + px, y: r.top + py };
        }, [Number(x), Number(y)]);
        const cdp = await context.newCDPSession(page), buttons = { back: 8, forward: 16 }[button];
        await cdp.send("Input.dispatchMouseEvent", { type: "mousePressed", ...at, button, buttons, clickCount: 1 });
        await cdp.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...at, button, buttons: 0, clickCount: 1 });
    },
    async wheel(dy) { await page.mouse.wheel(0, Number(dy)); },
    // Waits until the canvas shows exactly what the file does.
    async equal(file) {
        const wanted = pixelsOf(readFileSync(file));
        let last = null;
        await until("the picture to be exact", async () => {
            last = pixelsOf(await canvasPpm());
            return last.equals(wanted);
        }).catch((error) => {
            let n = 0;
            for (let i = 0; last && i < Math.min(last.length, wanted.length); i++) { n += last[i] !== wanted[i]; }
            throw new Error(`${error.message}: ${n} of ${wanted.length} bytes differ`);
        });
    },
    async save(file) { writeFileSync(file, await canvasPpm()); },
    async shot(file) { await page.screenshot({ path: file }); },
    async counters() {
        return page.evaluate(() => JSON.stringify({ received: Number(document.getElementById("stat-received").dataset.bytes),
            fps: Number(document.getElementById("stat-fps").textContent), rtt: document.getElementById("stat-rtt").textContent,
            size: document.getElementById("stat-size").textContent, encoding: document.getElementById("stat-encoding").textContent }));
    },
    // The browser's own clipboard, with the news that the window has come to the front.
    async copy(...words) {
        await page.evaluate(async (t) => { await navigator.clipboard.writeText(t); window.dispatchEvent(new Event("focus")); }, JSON.parse(words.join(" ")));
    },
    async pasted(...words) {
        const text = await page.evaluate(() => navigator.clipboard.readText());
        if (text !== JSON.parse(words.join(" "))) { throw new Error(`the clipboard holds ${JSON.stringify(text)}`); }
    },
    // A click on the time line, at this part of its length.
    async seekto(part) {
        const box = await page.locator("#seek").boundingBox(), thumb = 16;
        await page.mouse.click(box.x + thumb / 2 + Number(part) * (box.width - thumb), box.y + box.height / 2);
    },
    async waitpixel(x, y, colour) {
        await until(`pixel ${x} ${y} to be ${colour}`, async () => (await page.evaluate(([px, py]) => {
            const { data } = document.querySelector("#screen canvas").getContext("2d").getImageData(px, py, 1, 1);
            return Array.from(data.subarray(0, 3), (b) => b.toString(16).padStart(2, "0")).join("");
        }, [Number(x), Number(y)])) === colour);
    },
    // What axe-core (WCAG 2.1 A and AA, and its best practices) finds in the page as it is now.
    async axe() {
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        if (violations.length) {
            throw new Error(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`).join("; "));
        }
    },
    async marks() { return page.evaluate(() => document.querySelectorAll("#marks i").length); },
    async protocol() { return new URL(sockets.at(-1)).protocol; },
    async problems() { return JSON.stringify(problems); },
};

for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...args] = line.trim().split(" ");
    try {
        if (!Object.hasOwn(commands, name)) { throw new Error(`no command ${name}`); }
        const answer = await commands[name](...args);
        process.stdout.write(`ok ${answer ?? ""}\n`);
    } catch (error) {
        // a connection that was lost meanwhile is the cause more often than the consequence
        const how = await state().catch(() => "not there");
        process.stdout.write(`failed ${String(error.message).split("\n")[0]}; the page is ${how}; its last problem: ${problems.at(-1) ?? "none"}\n`);
    }
}
await browser.close();
