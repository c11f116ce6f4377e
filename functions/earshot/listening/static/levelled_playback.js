// Playback at a levelled loudness: the element's sound through a gain and a limiter.
export const clock = (milliseconds) => {
  const seconds = Math.floor(milliseconds / 1000), hours = Math.floor(seconds / 3600);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
};

// Where a segment begins or ends, to a hundredth of a second.
export const edge = (milliseconds) => `${clock(milliseconds)}.${String(Math.floor((milliseconds % 1000) / 10)).padStart(2, "0")}`;

export const gainFor = (decibels) => 10 ** (Math.max(-40, Math.min(30, decibels)) / 20);

export class Levelled {
  constructor(audio) { this.audio = audio; this.gain = 1; }

  // The context begins with the first gesture: before it a browser lets none sound.
  open() {
    if (this.context) return;
    this.context = new AudioContext();
    this.node = new GainNode(this.context, { gain: this.gain });
    const limiter = new DynamicsCompressorNode(this.context, { threshold: -2, knee: 0, ratio: 20, attack: 0.002, release: 0.1 });
    this.context.createMediaElementSource(this.audio).connect(this.node).connect(limiter).connect(this.context.destination);
  }

  set(gain) {
    this.gain = gain;
    if (this.node) this.node.gain.setTargetAtTime(gain, this.context.currentTime, 0.02);
  }

  async play() {
    this.open();
    await this.context.resume();
    return this.audio.play();
  }
}
