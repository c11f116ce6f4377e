// Runs where the sound is: floats to Int16, in blocks of about 80 ms.
registerProcessor("microphone", class extends AudioWorkletProcessor {
  constructor() { super(); this.block = new Int16Array(Math.round(sampleRate * 0.08)); this.filled = 0; }
  process([channels]) {
    const samples = channels[0];
    if (!samples) return true;
    for (const one of samples) {
      this.block[this.filled++] = Math.round(Math.max(-1, Math.min(1, one)) * 32767);
      if (this.filled === this.block.length) { this.port.postMessage(this.block.slice().buffer); this.filled = 0; }
    }
    return true;
  }
});
