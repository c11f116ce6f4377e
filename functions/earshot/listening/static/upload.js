// One file: sent while it is heard, decisions and spectrogram as they come; the page asks again from where it was.
import { clock, edge, Levelled } from "./levelled_playback.js";
import { said, StreamCanvas } from "./stream_canvas.js";

const $ = (id) => document.getElementById(id);
const canvas = new StreamCanvas($("mel"), $("content")), audio = $("audio"), player = new Levelled(audio);
const body = $("table").tBodies[0];
let name = "", seen = 0, length = 10000, complete = false, tries = 0, busy = false, lastRow = null;
const status = (text) => { $("status").textContent = text; };
const draw = () => { canvas.draw(0, length); head(); };
const head = () => { $("playhead").style.transform = `translateX(${audio.currentTime * 1000 / length * $("stage").clientWidth}px)`; };

for (const kind of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files[0]) begin(event.dataTransfer.files[0]);
  });
}
$("file").addEventListener("change", () => $("file").files[0] && begin($("file").files[0]));

async function begin(file) {
  if (busy) return;
  busy = true;
  const made = await fetch(`/uploads?title=${encodeURIComponent(file.name)}`, { method: "POST" });
  if (!made.ok) { busy = false; return status(await made.text()); }
  ({ name } = await made.json());
  $("drop").hidden = true; $("shown").hidden = false;
  $("title").textContent = file.name;
  audio.src = URL.createObjectURL(file); // plays at once: the bytes are here already
  draw();
  listen();
  status("Sending…");
  const sent = await fetch(`/uploads/${name}`, { method: "PUT", body: file }).catch(() => null);
  if (!sent?.ok) return status(sent ? `Refused: ${await sent.text()}` : "The connection broke while sending. Nothing is kept; choose the file again.");
  status("Hearing…");
}

function listen() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/uploads/${name}/socket?from=${seen}`);
  socket.onmessage = ({ data }) => { tries = 0; hear(JSON.parse(data)); };
  socket.onclose = ({ code }) => {
    if (complete || !name) return;
    if (code === 4004) return status("This upload is over, and its bytes are deleted.");
    tries += 1;
    if (tries > 20) return status("The server does not answer. The file is still here: choose it again.");
    setTimeout(listen, Math.min(500 * tries, 5000));
  };
}

function hear(event) {
  if (event.n < seen) return;
  seen = event.n + 1;
  document.body.dataset.seen = String(seen);
  if (event.kind === "again") { canvas.columns = []; canvas.decisions = []; canvas.count = canvas.first = 0; body.replaceChildren(); lastRow = null; }
  if (event.kind === "mel") { canvas.addColumns(event.p, event.bands); length = Math.max(length, canvas.count * 20); }
  if (event.kind === "decision" && event.task === "content") {
    const [label, score] = said(event);
    canvas.addDecision(event.t, 0.25, label, score);
    row(event.t, label);
    if (!document.body.dataset.first) document.body.dataset.first = String(Math.round(performance.now()));
  }
  if (event.kind === "heard") { length = event.duration_ms; $("length").textContent = `of ${clock(length)}`; $("keep") && ($("keep").disabled = false); status("Measuring…"); }
  if (event.kind === "refused") status(`Refused: ${event.reason.replaceAll("_", " ")}. ${event.detail}`);
  if (event.kind === "measures") {
    for (const [key, value] of Object.entries(event.measures)) {
      if (value === null) continue;
      const line = document.createElement("div"), term = document.createElement("dt"), number = document.createElement("dd");
      term.textContent = key.replaceAll("_", " ");
      number.textContent = typeof value === "number" && !Number.isInteger(value) ? value.toFixed(2).replace("-", "\u2212") : String(value).replace("-", "\u2212");
      line.append(term, number);
      $("measures").append(line);
    }
    status("");
  }
  if (event.kind === "end") complete = true;
  requestAnimationFrame(draw);
}

function row(seconds, label) {
  $("table").hidden = false;
  if (lastRow?.label === label) { lastRow.to.textContent = edge(seconds * 1000); return; }
  const line = document.createElement("tr"), cells = [edge((seconds - 0.25) * 1000), edge(seconds * 1000), label].map((text) => { const cell = document.createElement("td"); cell.textContent = text; return cell; });
  line.append(...cells);
  body.append(line);
  lastRow = { label, to: cells[1] };
}

$("play").addEventListener("click", () => (audio.paused ? player.play().catch(() => status("This browser cannot play this format; it is heard all the same.")) : audio.pause()));
audio.addEventListener("play", () => { $("play").classList.add("on"); $("play").setAttribute("aria-label", "Pause"); const tick = () => { show(); if (!audio.paused) requestAnimationFrame(tick); }; tick(); });
audio.addEventListener("pause", () => { $("play").classList.remove("on"); $("play").setAttribute("aria-label", "Play"); });
const show = () => {
  const here = canvas.at(audio.currentTime * 1000);
  $("time").textContent = clock(audio.currentTime * 1000);
  $("label").textContent = here ? `${here[2]}${here[2] === "silence" ? "" : ` ${Math.round(here[3])} %`}` : "";
  head();
};
$("stage").addEventListener("click", (event) => { const box = $("stage").getBoundingClientRect(); audio.currentTime = (event.clientX - box.left) / box.width * length / 1000; show(); });
$("keep")?.addEventListener("click", async () => {
  $("keep").disabled = true;
  const answer = await fetch(`/uploads/${name}/keep`, { method: "POST" });
  status(answer.ok ? "It is in the corpus now, and is measured like any file." : await answer.text());
});
$("forget").addEventListener("click", async () => { const gone = name; name = ""; audio.pause(); audio.removeAttribute("src"); await fetch(`/uploads/${gone}`, { method: "DELETE" }); location.reload(); });
new ResizeObserver(draw).observe($("stage"));
