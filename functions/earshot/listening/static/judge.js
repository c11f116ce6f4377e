// Judgements of a stretch: sent one at a time, answered by what then holds.
import { edge } from "./levelled_playback.js";

const LABELS = ["speech", "music", "singing", "noise", "silence"];

export class Judge {
  constructor(id, choices, selected, status, changed) {
    this.id = id; this.selected = selected; this.status = status; this.changed = changed; this.stretch = null; this.prompt = [...selected.childNodes];
    for (const [at, label] of [...LABELS, ""].entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.disabled = true;
      const key = document.createElement("kbd");
      key.textContent = label ? String(at + 1) : "0";
      button.append(key, ` ${label || "none"}`);
      button.addEventListener("click", () => this.judge(label));
      choices.append(button);
    }
    this.yes = document.createElement("button");
    this.yes.type = "button";
    this.yes.hidden = true;
    this.yes.addEventListener("click", () => this.accept());
    choices.prepend(this.yes);
    this.buttons = [...choices.querySelectorAll("button")];
  }

  select(stretch) {
    this.stretch = stretch;
    for (const button of this.buttons) button.disabled = !stretch;
    this.yes.hidden = !stretch?.model;
    if (stretch) {
      this.selected.textContent = `${edge(stretch.start_ms)} to ${edge(stretch.end_ms)}`;
      const key = document.createElement("kbd");
      key.textContent = "y";
      this.yes.replaceChildren(key, ` ${stretch.model}, as the model says`);
    } else this.selected.replaceChildren(...this.prompt);
    this.tell("");
  }

  tell(text, wrong = false) { this.status.textContent = text; this.status.className = wrong ? "wrong" : ""; }
  accept() { if (this.stretch?.model) return this.judge(this.stretch.model); }
  byDigit(digit) { return this.judge(digit ? LABELS[digit - 1] : ""); }

  judge(label) {
    if (!this.stretch) return this.tell("Mark a stretch first: drag, or press [ and ].", true);
    const { start_ms, end_ms } = this.stretch;
    return this.send(`/r/${this.id}/judgements`, JSON.stringify([{ task: "content", label, start_ms, end_ms }]), label || "none of these");
  }

  async send(address, body, what = "The file") {
    this.tell("…");
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { "content-type": "application/json" } });
      if (!answer.ok) return this.tell(`${(await answer.text()).trim()} Nothing was changed.`, true);
      const { appended } = await answer.json();
      const fresh = await (await fetch(`/r/${this.id}/data.json`)).json();
      await this.changed(fresh);
      this.tell(`${what}: kept${appended > 1 ? `, ${appended} judgements` : ""}.`);
    } catch {
      this.tell("The page cannot reach its server. Nothing was changed; try again.", true);
    }
  }
}
