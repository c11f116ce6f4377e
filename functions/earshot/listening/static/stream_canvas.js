// Spectrogram columns and decisions as they come, drawn from the left, or scrolling where there is no end.
import { fillOf, sized } from "./lanes.js";

const RAMP = ["00000402010903031206051a0a08220e0b2b130d34180f3d1d114722115029115a2f116336106b3d0f71440f764a1079", "52137c59157e5f187f651a806b1d81721f817822817e24828426818b2981912b81982d809e2f7fa5317eab337cb2357b",
  "ba3878c03a76c73d73cd4071d3436ed9466bdf4a68e44f64e95462ed5a5ff1605df4675cf66e5cf8765cfa7d5efb8560", "fc8e64fd9668fe9d6cfea571feac76feb47bfebb81fec287feca8dfed194fed89afde0a1fde7a9fceeb0fcf6b8fcfdbf"].join("");
const colours = new Uint8Array(RAMP.match(/../g).map((two) => parseInt(two, 16)));
export const PER_S = 50;

export class StreamCanvas {
  constructor(mel, content) { this.mel = mel; this.content = content; this.columns = []; this.count = 0; this.first = 0; this.decisions = []; this.most = 50 * 60 * 30; }

  addColumns(text, bands) {
    const data = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    this.bands = bands;
    for (let at = 0; at < data.length; at += bands) this.columns.push(data.subarray(at, at + bands));
    if (this.columns.length > this.most) this.first += this.columns.splice(0, this.columns.length - this.most).length;
    this.count = this.first + this.columns.length;
  }

  addDecision(seconds, hop, label, score) { this.decisions.push([(seconds - hop) * 1000, seconds * 1000, label, score * 100]); if (this.decisions.length > 8000) this.decisions.shift(); }

  // from, to in milliseconds
  draw(from, to) {
    const [context, width, height] = sized(this.mel, 144);
    context.fillStyle = "#000004";
    context.fillRect(0, 0, width, height);
    if (this.bands) {
      const begin = Math.max(this.first, Math.floor(from / 1000 * PER_S)), end = Math.min(this.count, Math.ceil(to / 1000 * PER_S));
      const each = Math.max(1, Math.floor((end - begin) / (width * 2))), wide = Math.ceil((end - begin) / each);
      if (wide > 0) {
        const image = new ImageData(wide, this.bands);
        for (let x = 0; x < wide; x++) {
          const column = this.columns[begin - this.first + x * each];
          for (let y = 0; y < this.bands; y++) {
            const level = Math.round(column[this.bands - 1 - y] / 255 * 63) * 3, place = (y * wide + x) * 4;
            image.data[place] = colours[level]; image.data[place + 1] = colours[level + 1]; image.data[place + 2] = colours[level + 2]; image.data[place + 3] = 255;
          }
        }
        const sheet = new OffscreenCanvas(wide, this.bands);
        sheet.getContext("2d").putImageData(image, 0, 0);
        const x = (column) => (column / PER_S * 1000 - from) / (to - from) * width;
        context.drawImage(sheet, x(begin), 0, x(end) - x(begin), height);
      }
    }
    const [lane, broad, high] = sized(this.content, 26);
    for (const [start, end, label, score] of this.decisions) {
      if (end < from || start > to) continue;
      const left = (start - from) / (to - from) * broad;
      lane.globalAlpha = label === "silence" ? 1 : 0.35 + 0.65 * Math.max(0, (score - 40) / 60);
      lane.fillStyle = fillOf(lane, label, 0);
      lane.fillRect(left, 3, Math.max((end - start) / (to - from) * broad + 0.5, 1), high - 6);
    }
    lane.globalAlpha = 1;
  }

  at(milliseconds) { return this.decisions.findLast(([start, end]) => start <= milliseconds && milliseconds < end); }
}

export const said = (event) => {
  const label = event.labels[0];
  if (!label) return ["—", 0];
  return [label, label === "silence" ? 1 : event.probabilities[label] ?? 1];
};
