// The camera of the phone or the webcam: reads codes where the browser can (BarcodeDetector), takes photos and short films.
import { toast } from "./app.js";

const LONGEST = 20_000; // ms of a film
const FORMATS = ["code_128", "code_39", "ean_13", "ean_8", "upc_a", "upc_e", "qr_code", "itf", "data_matrix"];
const dialog = document.getElementById("camera");
const words = JSON.parse(dialog.dataset.words);
const video = dialog.querySelector("video");
let recorder;

async function open() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return void toast(words.none, "warn");
  }
  dialog.showModal();
  await video.play();
  return true;
}

dialog.addEventListener("close", () => {
  if (recorder?.state === "recording") recorder.stop();
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
});

/** Show the camera until it sees a code; then close and call `seen(code)`. */
export async function decoder(seen) {
  dialog.querySelector("[data-evidence]").hidden = true;
  const can = await BarcodeDetector.getSupportedFormats();
  const reader = new BarcodeDetector({ formats: FORMATS.filter((name) => can.includes(name)) });
  if (!(await open())) return;
  while (dialog.open) {
    const [found] = await reader.detect(video).catch(() => []);
    if (found) {
      dialog.close();
      return void seen(found.rawValue);
    }
    await new Promise((next) => setTimeout(next, 150));
  }
}

let taken = () => {};

/** Show the camera; `take(file)` is called for each photo and film. */
export async function evidence(take) {
  taken = take;
  dialog.querySelector("[data-evidence]").hidden = false;
  await open();
}

dialog.querySelector("[data-shoot]").addEventListener("click", () => {
  const sheet = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  sheet.getContext("2d").drawImage(video, 0, 0);
  sheet.toBlob((blob) => blob && taken(blob), "image/jpeg", 0.85);
});

dialog.querySelector("[data-film]").addEventListener("click", ({ currentTarget: button }) => {
  if (recorder?.state === "recording") return void recorder.stop();
  const parts = [];
  recorder = new MediaRecorder(video.srcObject);
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.addEventListener("stop", () => {
    button.querySelector("span").textContent = words.film;
    taken(new Blob(parts, { type: recorder.mimeType }));
  });
  recorder.start();
  button.querySelector("span").textContent = words.stop;
  setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST);
});
