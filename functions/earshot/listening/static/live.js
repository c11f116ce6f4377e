// The microphone: an AudioWorklet's samples as Int16 over a WebSocket, decisions back. After a break it goes on where it was.
import { said, StreamCanvas } from "./stream_canvas.js";

const $ = (id) => document.getElementById(id);
const WINDOW_MS = 10000, AGAIN_MS = 1500;
const canvas = new StreamCanvas($("mel"), $("content"));
canvas.draw(0, WINDOW_MS);
let context, media, socket, rate = 0, sent = 0, last = 0, tries = 0, running = false, past = [], saved = null, ages = [];

const status = (text) => { $("status").textContent = text; };
$("start").addEventListener("click", () => (running ? stop("Stopped.") : start()));

async function start() {
  try {
    media = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 } });
  } catch (error) {
    return status(`The microphone cannot be used: ${error.name === "NotAllowedError" ? "this browser was not allowed to" : error.message}. Nothing was recorded.`);
  }
  context = new AudioContext();
  rate = context.sampleRate;
  await context.audioWorklet.addModule("/static/microphone.js");
  const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }) => take(new Int16Array(data));
  context.createMediaStreamSource(media).connect(node);
  running = true; sent = last = tries = 0; past = []; ages = [];
  saved = $("save").checked ? [] : null;
  canvas.decisions = []; canvas.columns = []; canvas.first = canvas.count = 0;
  $("start").textContent = "Stop";
  connect();
  requestAnimationFrame(draw);
}

function stop(why) {
  running = false;
  media?.getTracks().forEach((track) => track.stop());
  context?.close();
  socket?.close();
  $("start").textContent = "Listen to the microphone";
  $("says").textContent = "Not listening.";
  status(why);
  if (saved?.length) { $("download").href = URL.createObjectURL(wav(saved, rate)); $("download").hidden = false; }
}

function connect() {
  // What the server has not decided yet is sent again, with a second or two before it for its context, and from a whole
  // second on: there the decisions of every task fall on the same moments as before.
  const first = past.length ? past[0].end - past[0].samples.length : sent;
  const from = rate * Math.max(Math.floor(last / 1000) - 1, Math.ceil(first / rate), 0);
  const keep = past.filter((block) => block.end > from).map(({ samples, end }) => samples.subarray(Math.max(0, from - end + samples.length)));
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/socket`);
  socket.binaryType = "arraybuffer";
  const mine = socket;
  mine.onopen = () => {
    mine.send(JSON.stringify({ rate: Math.round(rate), start_ms: Math.round(from / rate * 1000) }));
    for (const block of keep) mine.send(block);
    mine.onmessage = ({ data }) => hear(JSON.parse(data), from);
    tries = 0;
    status("");
  };
  mine.onclose = ({ code, reason }) => {
    if (!running || mine !== socket) return;
    if (code === 1008 || code === 1007) return stop(`Refused: ${reason}`);
    tries += 1;
    status(code === 4000 ? "" : `The connection broke; the last seconds are kept, and it goes on by itself (try ${tries}).`);
    setTimeout(() => running && connect(), code === 4000 ? 0 : Math.min(AGAIN_MS * tries, 10000));
  };
}

function take(samples) {
  sent += samples.length;
  past.push({ samples, end: sent });
  if (past.length > 400) past.shift();
  saved?.push(samples);
  if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < 1 << 20) socket.send(samples);
  let peak = 0;
  for (const one of samples) peak = Math.max(peak, Math.abs(one));
  $("meter").width = $("meter").clientWidth;
  const meter = $("meter").getContext("2d");
  meter.fillStyle = getComputedStyle(document.body).color;
  meter.fillRect(0, 0, Math.max(0, 1 + Math.log10(peak / 32768 + 1e-6) / 3) * $("meter").width, 4);
}

function hear(event, from) {
  if (event.kind === "mel") {
    const columns = atob(event.p).length / event.bands, wanted = Math.round(from / rate * 50);
    if (canvas.count === 0) canvas.first = canvas.count = wanted;
    canvas.addColumns(event.p, event.bands);
    return columns;
  }
  if (event.kind !== "decision" || event.task !== "content") return;
  const at = event.t * 1000;
  if (at <= last) return; // decided before the break
  last = at;
  const [label, score] = said(event);
  canvas.addDecision(event.t, 0.25, label, score);
  const strong = document.createElement("small");
  strong.textContent = label === "silence" || label === "—" ? "" : `${Math.round(score * 100)} %`;
  $("says").replaceChildren(label, strong);
  ages = [...ages, event.age_ms].slice(-200);
  document.body.dataset.p95 = String([...ages].sort((one, other) => one - other)[Math.floor(ages.length * 0.95)]);
  document.body.dataset.seq = String(event.seq);
  $("age").textContent = `decided in ${event.age_ms} ms`;
  $("dropped").textContent = event.dropped ? `${event.dropped} blocks dropped` : "";
  $("rejected").textContent = event.rejected ?? "";
  const row = document.createElement("tr");
  for (const [text, kind] of [[event.t.toFixed(2), ""], [`${event.labels.join(", ") || event.rejected}`, ""], [`${event.level_dbfs.toFixed(0).replace("-", "\u2212")} dBFS`, "n"]]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    cell.className = kind;
    row.append(cell);
  }
  const body = $("table").tBodies[0];
  body.prepend(row);
  while (body.rows.length > 8) body.lastChild.remove();
}

function draw() {
  const now = sent / rate * 1000;
  canvas.draw(Math.max(0, now - WINDOW_MS), Math.max(now, WINDOW_MS));
  if (running) requestAnimationFrame(draw);
}

function wav(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0), header = new DataView(new ArrayBuffer(44));
  [..."RIFF"].forEach((one, at) => header.setUint8(at, one.charCodeAt(0)));
  header.setUint32(4, 36 + 2 * count, true);
  [..."WAVEfmt "].forEach((one, at) => header.setUint8(8 + at, one.charCodeAt(0)));
  header.setUint32(16, 16, true); header.setUint16(20, 1, true); header.setUint16(22, 1, true);
  header.setUint32(24, rate, true); header.setUint32(28, rate * 2, true); header.setUint16(32, 2, true); header.setUint16(34, 16, true);
  [..."data"].forEach((one, at) => header.setUint8(36 + at, one.charCodeAt(0)));
  header.setUint32(40, 2 * count, true);
  return new Blob([header, ...blocks], { type: "audio/wav" });
}
