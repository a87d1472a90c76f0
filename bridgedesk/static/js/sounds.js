// What the packer hears without looking: high and short is right, low and twice is wrong.
let audio;
const NOTES = { ok: [[1320, 0, 0.12]], warn: [[660, 0, 0.2]], bad: [[160, 0, 0.35], [160, 0.45, 0.35]] };

export function sound(tone) {
  if (!NOTES[tone] || !window.AudioContext) return;
  audio ??= new AudioContext();
  for (const [pitch, after, length] of NOTES[tone]) {
    const note = new OscillatorNode(audio, { frequency: pitch, type: tone === "bad" ? "square" : "sine" });
    const volume = new GainNode(audio, { gain: tone === "bad" ? 0.4 : 0.25 });
    note.connect(volume).connect(audio.destination);
    note.start(audio.currentTime + after);
    note.stop(audio.currentTime + after + length);
  }
  if (tone === "bad") navigator.vibrate?.([200, 100, 200]);
}
