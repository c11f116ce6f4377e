// Lanes on one time axis: each draws what is visible of it. Classes differ by colour, by pattern and by name.
export const CLASSES = {
  speech: { name: "--speech", pattern: "solid" }, music: { name: "--music", pattern: "rise" }, singing: { name: "--singing", pattern: "dots" },
  noise: { name: "--noise", pattern: "fall" }, silence: { name: "--silence", pattern: "none" },
  quiet: { name: "--speech", pattern: "none" }, normal: { name: "--music", pattern: "none" }, loud: { name: "--reject", pattern: "none" },
};
const OTHERS = ["#5b8c5a", "#b56576", "#6d8ea0", "#b08968", "#7a6c9d", "#508991", "#a26769", "#7f8f3a"];

const patterns = new Map();
const style = () => getComputedStyle(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => patterns.clear());

export const colourOf = (label, at = 0) => {
  const known = CLASSES[label];
  if (!known) return OTHERS[at % OTHERS.length];
  const probe = document.createElement("i");
  probe.style.color = `var(${known.name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

export const fillOf = (context, label, at) => {
  const key = `${label} ${at}`;
  if (patterns.has(key)) return patterns.get(key);
  const colour = colourOf(label, at), pattern = CLASSES[label]?.pattern ?? "rise";
  let fill = colour;
  if (pattern !== "solid" && pattern !== "none") {
    const cell = document.createElement("canvas"), size = 8;
    cell.width = cell.height = size;
    const draw = cell.getContext("2d");
    draw.fillStyle = colour;
    draw.fillRect(0, 0, size, size);
    draw.strokeStyle = draw.fillStyle = "rgb(255 255 255 / .38)";
    draw.lineWidth = 1.5;
    draw.beginPath();
    if (pattern === "rise") { draw.moveTo(-1, 5); draw.lineTo(5, -1); draw.moveTo(3, 9); draw.lineTo(9, 3); }
    if (pattern === "fall") { draw.moveTo(-1, 3); draw.lineTo(5, 9); draw.moveTo(3, -1); draw.lineTo(9, 5); }
    if (pattern === "dots") draw.arc(4, 4, 1.4, 0, 7), draw.fill();
    else draw.stroke();
    fill = context.createPattern(cell, "repeat");
  }
  patterns.set(key, fill);
  return fill;
};

// A canvas as sharp as the screen; returns its context, width and height in CSS pixels.
export const sized = (canvas, height) => {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return [context, width, height];
};

export class Lane {
  constructor(parent, title, height) {
    this.row = document.createElement("div");
    this.row.className = "lane-row";
    this.canvas = document.createElement("canvas");
    const name = document.createElement("span");
    name.textContent = title;
    this.row.append(this.canvas, name);
    parent.append(this.row);
    this.height = height;
  }
}

export class Segments extends Lane {
  // segments: [start_ms, end_ms, label, score]
  constructor(parent, title, segments, height = 22) { super(parent, title, height); this.segments = segments; this.order = [...new Set(segments.map((one) => one[2]))]; }

  draw(from, to, at) {
    const [context, width, height] = sized(this.canvas, this.height);
    const x = (time) => (time - from) / (to - from) * width;
    for (const [start, end, label, score] of this.segments) {
      if (end < from || start > to) continue;
      const left = x(start), wide = Math.max(x(end) - left, 1);
      context.globalAlpha = label === "silence" ? 1 : 0.35 + 0.65 * Math.max(0, (score - 40) / 60);
      context.fillStyle = fillOf(context, label, this.order.indexOf(label));
      context.fillRect(left, 3, wide, height - 5);
      context.globalAlpha = 1;
      if (start <= at && at < end) {
        context.strokeStyle = style().color;
        context.lineWidth = 1.5;
        context.strokeRect(left + 0.75, 2.75, Math.max(wide - 1.5, 1), height - 5.5);
      }
      const text = `${label.replaceAll("_", " ")}`;
      if (wide > 70) {
        context.font = "12px system-ui, sans-serif";
        const first = Math.max(left, 96) + 6;
        if (first + context.measureText(text).width < left + wide - 4) {
          const broad = context.measureText(text).width + 8;
          context.fillStyle = "rgb(20 22 26 / .78)";
          context.fillRect(first - 4, 5, broad, height - 9);
          context.fillStyle = "#fff";
          context.fillText(text, first, height - 7);
        }
      }
    }
  }

  covering(time) { return this.segments.filter(([start, end]) => start <= time && time < end); }
}

export class Loudness extends Lane {
  // values: LUFS + 100, one each step; spans: classes behind the curve
  constructor(parent, values, stepMs, spans) { super(parent, "loudness", 44); this.values = values; this.step = stepMs; this.spans = spans; }

  draw(from, to) {
    const [context, width, height] = sized(this.canvas, this.height);
    const x = (time) => (time - from) / (to - from) * width;
    context.globalAlpha = 0.22;
    for (const [start, end, label] of this.spans) {
      if (end < from || start > to) continue;
      context.fillStyle = colourOf(label);
      context.fillRect(x(start), 0, Math.max(x(end) - x(start), 1), height);
    }
    context.globalAlpha = 1;
    const y = (value) => height - 2 - Math.max(0, Math.min(1, (value - 100 + 60) / 60)) * (height - 6);
    context.strokeStyle = style().getPropertyValue("color");
    context.lineWidth = 1.25;
    context.beginPath();
    const first = Math.max(0, Math.floor(from / this.step) - 1), last = Math.min(this.values.length - 1, Math.ceil(to / this.step) + 1);
    for (let at = first; at <= last; at++) {
      if (at === first) context.moveTo(x(at * this.step), y(this.values[at])); else context.lineTo(x(at * this.step), y(this.values[at]));
    }
    context.stroke();
  }
}

// The mel spectrogram: one picture of the whole, and tiles of it once the view is narrower than they are sharp.
export class Mel {
  constructor(canvas, id, visuals, redraw) {
    this.canvas = canvas; this.id = id; this.visuals = visuals; this.tiles = new Map(); this.redraw = redraw;
    this.whole = this.load(`/r/${id}/spectrogram.png`);
  }

  load(address) {
    const image = new Image();
    image.src = address;
    image.decode().then(() => { image.ready = true; this.redraw(); }, () => {});
    return image;
  }

  draw(from, to, duration) {
    const [context, width, height] = sized(this.canvas, 144);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    const x = (time) => (time - from) / (to - from) * width;
    if (this.whole.ready) context.drawImage(this.whole, x(0), 0, x(this.visuals.overview_ms) - x(0), height);
    const tile = this.visuals.tile_s * 1000, coarse = this.visuals.overview_ms / Math.max(this.whole.naturalWidth, 1);
    if (!this.whole.ready || (to - from) / width > coarse * 0.8 || to - from > 8 * tile) return;
    for (let number = Math.max(0, Math.floor(from / tile)); number <= Math.min(Math.floor(to / tile), this.visuals.tiles - 1); number++) {
      if (!this.tiles.has(number)) {
        this.tiles.set(number, this.load(`/r/${this.id}/tiles/${number}.png`));
        if (this.tiles.size > 24) this.tiles.delete(this.tiles.keys().next().value);
      }
      const image = this.tiles.get(number);
      if (image.ready) context.drawImage(image, x(number * tile), 0, image.naturalWidth / this.visuals.columns_per_s * 1000 / (to - from) * width, height);
    }
  }
}
