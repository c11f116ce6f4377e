// The corpus without reloading what has not changed: filters apply at once, lines play in place, judgements in bulk.
import { clock, gainFor, Levelled } from "./levelled_playback.js";

const form = document.querySelector(".filters");
const facets = document.querySelector(".facets");
if (matchMedia("(max-width: 860px)").matches) facets.open = false;

form.addEventListener("change", (event) => {
  if (event.target.matches("input[type=checkbox], select")) form.requestSubmit();
});
form.addEventListener("submit", () => {
  // an address says only what is chosen
  for (const field of form.elements) {
    const plain = { policy: "default", sort: "newest.desc", q: "", measures: "" };
    if (field.name in plain && field.value === plain[field.name]) field.disabled = true;
  }
});
addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".menu") || !event.target.open) return;
  for (const other of document.querySelectorAll(".menu[open]")) if (other !== event.target) other.open = false;
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
  if (event.target.matches("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const lines = [...document.querySelectorAll(".rows li")];
  const at = lines.indexOf(document.activeElement.closest?.(".rows li"));
  const goTo = (line) => line?.querySelector(".title").focus();
  if (event.key === "j" || event.key === "ArrowDown") { if (lines.length) { event.preventDefault(); goTo(lines[Math.min(at + 1, lines.length - 1)]); } }
  else if (event.key === "k" || event.key === "ArrowUp") { if (at > 0) { event.preventDefault(); goTo(lines[at - 1]); } }
  else if (event.key === " " && at >= 0 && !event.target.matches("button, input, summary")) { event.preventDefault(); lines[at].querySelector(".play").click(); }
  else if (event.key === "/") { event.preventDefault(); form.querySelector("[type=search]").focus(); }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

const mini = document.getElementById("mini"), seek = document.getElementById("mini-seek");
const level = document.getElementById("mini-level"), time = document.getElementById("mini-time");
const audio = new Audio();
audio.preload = "none";
let player, playing;
for (const button of document.querySelectorAll(".rows .play")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    player ??= new Levelled(audio);
    if (playing === button && !audio.paused) return audio.pause();
    if (playing !== button) {
      playing?.classList.remove("on");
      playing = button;
      audio.src = button.dataset.audio;
      document.getElementById("mini-title").textContent = button.closest("li").querySelector(".title").textContent;
    }
    const lufs = button.dataset.lufs;
    player.set(level.checked && lufs !== "" ? gainFor(-18 - Number(lufs)) : 1);
    mini.hidden = false;
    await player.play();
  });
}
audio.addEventListener("play", () => playing?.classList.add("on"));
audio.addEventListener("pause", () => playing?.classList.remove("on"));
audio.addEventListener("timeupdate", () => {
  if (audio.duration) seek.value = String(Math.round(1000 * audio.currentTime / audio.duration));
  time.textContent = clock(audio.currentTime * 1000);
});
seek.addEventListener("input", () => { if (audio.duration) audio.currentTime = seek.value / 1000 * audio.duration; });
level.addEventListener("change", () => {
  const lufs = playing?.dataset.lufs;
  player?.set(level.checked && lufs ? gainFor(-18 - Number(lufs)) : 1);
});

const bulk = document.getElementById("bulk"), picks = [...document.querySelectorAll(".pick")];
if (picks.length) {
  bulk.hidden = false;
  for (const pick of picks) {
    pick.hidden = false;
    pick.addEventListener("change", () => { document.getElementById("chosen").textContent = picks.filter((one) => one.checked).length; });
  }
  document.getElementById("judge").addEventListener("submit", async (event) => {
    event.preventDefault();
    const ids = picks.filter((one) => one.checked).map((one) => one.closest("li").dataset.id);
    const message = document.getElementById("judged");
    if (!ids.length) { message.textContent = "Choose recordings by the boxes before their titles."; return; }
    const answer = await fetch(`/judge${location.search}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ label: new FormData(event.target).get("label"), audio_ids: ids }) });
    message.textContent = answer.ok ? `${(await answer.json()).appended} judged.` : await answer.text();
    if (answer.ok) location.reload();
  });
}
