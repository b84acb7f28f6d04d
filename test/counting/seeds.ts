import { randomFrom } from '../tracking/random.ts'

/**
 * Holds a property against so many made-up worlds, the same ones in every run. A failure names its seed: HEADCOUNT_SEED=7 looks at
 * that one alone, HEADCOUNT_SEEDS=5000 at more than usual.
 */
export function forSeeds(usual: number, property: (random: () => number) => void): void {
  const one = numberIn('HEADCOUNT_SEED')
  const seeds = one === null ? Array.from({ length: numberIn('HEADCOUNT_SEEDS') ?? usual }, (_, index) => index + 1) : [one]
  for (const seed of seeds) {
    try {
      property(randomFrom(seed))
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${seed} (HEADCOUNT_SEED=${seed} runs it alone): ${error.message}`
      throw error
    }
  }
}

/** Whole numbers from `least` to `most`, both included. */
export function wholeFrom(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

function numberIn(name: string): number | null {
  const text = process.env[name]
  if (text === undefined) return null
  if (!/^\d+$/.test(text)) throw new Error(`${name} is "${text}", not a whole number`)
  return Number(text)
}
