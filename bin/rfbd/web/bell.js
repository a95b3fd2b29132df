// A bell is a short sound and a flash of the frame, for those who hear and those who do not. A screen that
// rings without end flashes less than three times a second.
const EVERY_MS = 500, LENGTH_S = 0.15;

export function wireBell(screen) {
    let audio = null, last = -EVERY_MS;

    function sound() {
        audio ??= new AudioContext();
        // until the person has clicked or typed, the browser allows none: what was asked for would all sound at once then
        if (audio.state !== "running") { audio.resume().catch(() => {}); return; }
        const tone = audio.createOscillator(), volume = audio.createGain();
        volume.gain.setValueAtTime(0.08, audio.currentTime);
        volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + LENGTH_S);
        tone.connect(volume).connect(audio.destination);
        tone.start();
        tone.stop(audio.currentTime + LENGTH_S);
    }
    return () => {
        const now = performance.now();
        if (now - last < EVERY_MS) { return; }
        last = now;
        screen.animate?.([{ opacity: 1 }, { opacity: 0.6 }, { opacity: 1 }], 180);
        sound();
    };
}
