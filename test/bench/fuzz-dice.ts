/** Chance that can be repeated: the same seed throws the same numbers, on every machine (mulberry32 by Tommy Ettinger, public domain). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 ≤ x < 1. */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both of them possible. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.number() * (high - low + 1))
  }

  /** True in this share of all throws. */
  chance(share: number): boolean {
    return this.number() < share
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.whole(0, values.length - 1)] ?? values[0]
  }

  /** Some bytes, each as likely as any other. */
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.whole(0, 255)))
  }

  /** The text with a few of its characters gone, doubled or replaced. */
  mutate(text: string): string {
    let mutated = text
    for (let times = this.whole(1, 4); times > 0; times--) {
      const at = this.whole(0, mutated.length)
      const [before, after] = [mutated.slice(0, at), mutated.slice(at)]
      const [first = ''] = after
      mutated =
        before + this.pick(['', first + first, String.fromCharCode(this.whole(0, 255)), NASTY[at % NASTY.length] ?? '']) + after.slice(1)
    }
    return mutated
  }

  /** A text that somebody did not think of. */
  nasty(): string {
    return this.chance(0.2) ? this.bytes(this.whole(1, 40)).toString('latin1') : this.pick(NASTY)
  }
}

/** Part of every name that a fuzzed request could make a file of. */
export const MARK = 'hcfuzz'

const NASTY: readonly [string, ...string[]] = [
  '',
  '0',
  '-1',
  'NaN',
  '1e999',
  '9007199254740993',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '../'.repeat(12),
  `../../${MARK}`,
  `/tmp/${MARK}`,
  `file:/tmp/${MARK}.mp4`,
  'file:/etc/shadow',
  'file:/dev/zero',
  'file:/proc/self/mem',
  `rtsp://127.0.0.1:1/${MARK}`,
  `rtsp://a:b@127.0.0.1:1/${MARK} ! filesink location=/tmp/${MARK}`,
  `" ! filesink location=/tmp/${MARK} "`,
  `v4l2:/dev/video0 ! filesink location=/tmp/${MARK}`,
  `libcamera:$(touch /tmp/${MARK})`,
  `\`touch /tmp/${MARK}\``,
  `; touch /tmp/${MARK} #`,
  'test',
  'door',
  'door\0',
  '%00',
  '%',
  '%c0%ae%c0%ae/',
  '%2e%2e%2f',
  '\r\nX-Injected: 1',
  "' OR 1=1 --",
  "'; DROP TABLE crossings; --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  '+/#',
  '💣',
  '\u202e\ufeff',
  '\ud800',
  'x'.repeat(300),
  '["a"'.repeat(50),
]
