// One recording: waveform, spectrogram and lanes on one time axis, playback in step with them, judgements by mouse or keys.
import WaveSurfer from "./vendor/wavesurfer.esm.js";
import Regions from "./vendor/regions.esm.js";
import { Judge } from "./judge.js";
import { colourOf, Loudness, Mel, Segments } from "./lanes.js";
import { clock, gainFor, Levelled } from "./levelled_playback.js";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent), duration = data.duration_ms;
const article = document.querySelector(".recording"), audio = $("audio"), player = new Levelled(audio);
const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const words = (label) => label.replaceAll("_", " ");

// --- what is drawn
let peaks = [new Float32Array([0, 0])];
if (data.visuals) {
  const pairs = new Int8Array(bytes(data.visuals.peaks).buffer);
  peaks = [Float32Array.from(pairs, (value) => value / 127)];
}
const regions = Regions.create();
const wave = WaveSurfer.create({
  container: "#wave", media: audio, peaks, duration: duration / 1000, height: 120, cspNonce: article.dataset.nonce, waveColor: colourOf("noise"),
  progressColor: colourOf("speech"), cursorWidth: 0, barWidth: 0, normalize: true, interact: true, dragToSeek: false, hideScrollbar: false,
  autoScroll: true, autoCenter: false, minPxPerSec: 0, fillParent: true, plugins: [regions],
});
const lanes = [], host = $("lanes");
const segmentsOf = (task) => (data.tasks[task]?.segments ?? []).map(([start, end, at, score]) => [start, end, data.tasks[task].labels[at], score]);
const content = new Segments(host, "content", segmentsOf("content"));
lanes.push(content);
const instruments = segmentsOf("instruments");
if (instruments.length) lanes.push(new Segments(host, "instruments", instruments));
if (data.visuals) lanes.push(new Loudness(host, bytes(data.visuals.loudness), data.visuals.loudness_step_ms, segmentsOf("loudness_class")));
for (const [name, spans] of [["clipped", data.visuals?.clipped_ms], ["dropouts", data.visuals?.dropouts_ms]]) {
  if (spans?.length) lanes.push(new Segments(host, name, spans.map(([start, end]) => [start, end, name, 100]), 14));
}
const yours = new Segments(host, "judged", [], 22);
lanes.push(yours);
const asYours = () => { yours.segments = data.judged.map((one) => [one.start_ms, one.end_ms, one.label || "nothing", 100]); yours.order = [...new Set(yours.segments.map((one) => one[2]))]; };
asYours();
const mel = data.visuals ? new Mel($("mel"), data.audio_id, data.visuals, () => redraw()) : null;
if (!mel) $("mel").hidden = true;

const view = () => {
  const wrapper = wave.getWrapper(), scroller = wrapper.parentElement, wide = Math.max(wrapper.clientWidth, 1);
  const from = scroller.scrollLeft / wide * duration;
  return [from, Math.min(from + scroller.clientWidth / wide * duration, duration) || duration];
};
let waiting = false;
function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const [from, to] = view(), at = audio.currentTime * 1000;
    for (const lane of lanes) lane.draw(from, to, at);
    mel?.draw(from, to, duration);
    head();
  });
}
wave.on("scroll", redraw); wave.on("zoom", redraw); wave.on("redrawcomplete", redraw);
new ResizeObserver(redraw).observe($("stage"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { wave.setOptions({ waveColor: colourOf("noise"), progressColor: colourOf("speech") }); redraw(); });

$("legend").replaceChildren(...[...new Set(content.segments.map((one) => one[2]))].map((label) => {
  const item = document.createElement("span"), mark = document.createElement("i");
  item.className = `c-${label}`;
  item.append(mark, label);
  return item;
}));
if (data.tasks.content?.stage === "demo") $("legend").append("Demo models, trained on synthetic sound only.");

// --- in step
const seek = $("seek");
let shown = "";
function head() {
  const [from, to] = view(), at = audio.currentTime * 1000, place = (at - from) / (to - from);
  const line = $("playhead");
  line.hidden = place < 0 || place > 1;
  line.style.transform = `translateX(${place * $("stage").clientWidth}px)`;
}
function step() {
  const at = audio.currentTime * 1000;
  const heard = content.covering(at).sort((one, other) => other[3] - one[3]);
  const playing = instruments.filter(([start, end]) => start <= at && at < end).slice(0, 3);
  const text = [...heard, ...playing].map(([, , label, score]) => label === "silence" ? label : `${words(label)} ${score} %`).join(", ");
  $("time").textContent = clock(at);
  $("label").textContent = text;
  $("label").dataset.at = String(Math.round(at));
  seek.setAttribute("aria-valuenow", (at / 1000).toFixed(1));
  seek.setAttribute("aria-valuetext", `${clock(at)} of ${clock(duration)}${text ? `, ${text}` : ""}`);
  if (looped && at >= looped[1]) audio.currentTime = looped[0] / 1000;
  if (text !== shown) { shown = text; redraw(); } else head();
}
const tick = () => { step(); if (!audio.paused) requestAnimationFrame(tick); };
audio.addEventListener("play", () => { $("play").classList.add("on"); $("play").setAttribute("aria-label", "Pause"); tick(); });
audio.addEventListener("pause", () => { $("play").classList.remove("on"); $("play").setAttribute("aria-label", "Play"); step(); });
audio.addEventListener("seeking", step); audio.addEventListener("timeupdate", step);
audio.addEventListener("error", () => { $("status").textContent = "The sound cannot be played here: the recording is gone, or this browser does not know its format. The file is under Audio below."; $("status").className = "wrong"; });
const toggle = () => (audio.paused ? player.play().catch(() => {}) : audio.pause());
$("play").addEventListener("click", toggle);
const go = (milliseconds) => { audio.currentTime = Math.max(0, Math.min(duration, milliseconds)) / 1000; step(); reveal(); };
const reveal = () => { const [from, to] = view(), at = audio.currentTime * 1000; if (at < from || at > to) wave.setScrollTime?.(Math.max(0, at - (to - from) / 4) / 1000); };
for (const canvas of [...host.querySelectorAll("canvas"), $("mel")]) {
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect(), [from, to] = view();
    go(from + (event.clientX - box.left) / box.width * (to - from));
  });
}
$("rate").addEventListener("change", () => { audio.playbackRate = Number($("rate").value); audio.preservesPitch = true; });
const level = () => {
  const on = $("levelled").checked && data.gain_db !== null;
  player.set(on ? gainFor(data.gain_db) : 1);
  $("gain").textContent = on ? `${data.gain_db >= 0 ? "+" : "\u2212"}${Math.abs(data.gain_db).toFixed(1)} dB` : "";
};
if (data.gain_db === null) $("levelled").disabled = true;
$("levelled").addEventListener("change", level);
level();

// --- zoom and loop
const most = 400; // pixels a second
const zoomTo = (value) => {
  $("zoom").value = String(value);
  const fit = $("wave").clientWidth / (duration / 1000), wanted = fit * (Math.max(most, fit * 2) / fit) ** (value / 100);
  wave.zoom(value <= 0 ? 0 : wanted);
  redraw();
};
$("zoom").addEventListener("input", () => zoomTo(Number($("zoom").value)));
let stretch = null, looped = null, begun = null;
const loop = (on = !looped) => {
  looped = on && stretch ? [stretch.start * 1000, stretch.end * 1000] : null;
  $("loop").setAttribute("aria-pressed", String(Boolean(looped)));
  if (looped && (audio.currentTime * 1000 < looped[0] || audio.currentTime * 1000 > looped[1])) go(looped[0]);
};
$("loop").addEventListener("click", () => loop());

// --- a stretch, and its judgement
const judge = new Judge(data.audio_id, $("choices"), $("selected"), $("status"), async (fresh) => { data.judged = fresh.judged; asYours(); redraw(); showVerdicts(fresh.verdicts); });
const select = (region) => {
  if (stretch && stretch !== region) stretch.remove();
  stretch = region;
  $("loop").disabled = !region;
  if (!region) loop(false);
  const over = region ? content.segments.find(([start, end]) => start < region.end * 1000 && end > region.start * 1000) : null;
  judge.select(region ? { start_ms: Math.round(region.start * 1000), end_ms: Math.round(region.end * 1000), model: over?.[2] } : null);
  if (looped) loop(true);
};
const mark = (start, end) => select(regions.addRegion({ start: start / 1000, end: end / 1000, color: "rgb(120 150 190 / .25)", drag: true, resize: true }));
regions.enableDragSelection({ color: "rgb(120 150 190 / .25)" });
regions.on("region-created", (region) => { if (region !== stretch) select(region); });
regions.on("region-updated", (region) => select(region));
const here = () => content.covering(audio.currentTime * 1000)[0];
const jump = (way) => {
  const at = audio.currentTime * 1000, starts = [...new Set(content.segments.map((one) => one[0]))].sort((a, b) => a - b);
  go(way > 0 ? starts.find((one) => one > at + 50) ?? duration : starts.filter((one) => one < at - 400).at(-1) ?? 0);
};
const faster = (way) => { const at = Math.max(0, Math.min($("rate").options.length - 1, $("rate").selectedIndex + way)); $("rate").selectedIndex = at; $("rate").dispatchEvent(new Event("change")); };
const keys = {
  " ": toggle, ArrowLeft: (event) => go(audio.currentTime * 1000 - (event.shiftKey ? 10000 : 2000)), ArrowRight: (event) => go(audio.currentTime * 1000 + (event.shiftKey ? 10000 : 2000)),
  Home: () => go(0), End: () => go(duration), ",": () => jump(-1), ".": () => jump(1), "<": () => faster(-1), ">": () => faster(1),
  "[": () => { begun = audio.currentTime * 1000; judge.tell("The stretch begins here; ] ends it."); },
  "]": () => { const end = audio.currentTime * 1000; if (end > (begun ?? 0) + 20) mark(begun ?? 0, end); },
  s: () => { const one = here(); if (one) mark(one[0], one[1]); },
  y: () => { if (!stretch) keys.s(); judge.accept(); },
  l: () => loop(), o: () => { $("levelled").checked = !$("levelled").checked; level(); },
  z: () => {
    if (!stretch || Number($("zoom").value) > 0) return zoomTo(0);
    const fit = $("wave").clientWidth / (duration / 1000), wanted = $("wave").clientWidth / Math.max((stretch.end - stretch.start) * 1.5, 0.5);
    zoomTo(Math.min(100, Math.log(Math.max(wanted / fit, 1)) / Math.log(Math.max(most, fit * 2) / fit) * 100));
    wave.setScrollTime?.(stretch.start);
  },
  "+": () => zoomTo(Math.min(100, Number($("zoom").value) + 10)), "-": () => zoomTo(Math.max(0, Number($("zoom").value) - 10)),
  "?": () => $("keys").showModal(), Escape: () => select(null),
  n: async () => { location.href = "/next"; },
};
for (let digit = 0; digit <= 5; digit++) keys[digit] = () => { if (!stretch) keys.s(); judge.byDigit(digit); };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  const field = event.target.closest("input, select, textarea, summary, a, button");
  if (field && (field.matches("input[type=text], select, input[type=range], input[type=file]") || [" ", "Enter"].includes(event.key))) return;
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(event); }
});
$("help").addEventListener("click", () => $("keys").showModal());
seek.addEventListener("click", (event) => { const box = seek.getBoundingClientRect(), [from, to] = view(); go(from + (event.clientX - box.left) / box.width * (to - from)); });

const showVerdicts = (verdicts) => {
  for (const one of verdicts) {
    const cells = $("verdicts").querySelector(`tr[data-policy="${CSS.escape(one.policy)}"]`)?.children;
    if (!cells || cells[1].textContent === one.verdict) continue;
    cells[1].textContent = one.verdict;
    cells[1].className = `verdict ${one.verdict}`;
    cells[2].textContent = one.reasons.map(words).join(", ");
  }
};
$("import").addEventListener("change", async () => {
  const file = $("import").files[0];
  if (!file) return;
  const text = await file.text(), form = text.startsWith("gcp_url") ? "csv" : /^[\d.]+\t/.test(text) ? "audacity" : "sonic-visualiser";
  await judge.send(`/r/${data.audio_id}/judgements.${form}`, text);
  $("import").value = "";
});

fetch(`/r/${data.audio_id}/copies`).then(async (answer) => {
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".copies");
  $("copies").replaceChildren(part ?? "Copies cannot be looked up just now.");
}, () => { $("copies").textContent = "Copies cannot be looked up just now."; });
const wanted = location.hash.match(/^#(\d+)-(\d+)$/);
wave.once("ready", () => { redraw(); if (wanted) { go(Number(wanted[1])); mark(Number(wanted[1]), Number(wanted[2])); } });
step();
redraw();
