import { sureScore } from '../../tracking/tracker.ts'

/** The classifiers that OpenCV has compiled in. */
export type People = 'default' | 'daimler'

/** The sure margin of a classifier in a search of a million pixels, and how it grows with the logarithm of the size. */
const SURE: Readonly<Record<People, number>> = { default: 0.9, daimler: 2.05 }
const GROWTH = 0.27
/** Scores per margin: how steep a score rises around the margin where a person is sure. */
const STEEPNESS = 2.5
const DEFAULT_THRESHOLD = 0.3

/**
 * The margin from which on a window is taken for a person by itself. The larger the picture searched, the more windows
 * there are that could look like somebody by chance, so the more is asked of each.
 */
export function sureMargin(people: People, searchedPixels: number): number {
  return SURE[people] + GROWTH * Math.log(searchedPixels / 1_000_000)
}

/** A margin as a score 0–1 like that of a neural network: at the sure margin it starts a track at the default threshold. */
export function scoreOfMargin(margin: number, sure: number): number {
  return 1 / (1 + Math.exp(-STEEPNESS * (margin - sure) - SURE_LOGIT))
}

/** The margin that has this score. */
export function marginOfScore(score: number, sure: number): number {
  return sure + (logit(score) - SURE_LOGIT) / STEEPNESS
}

function logit(share: number): number {
  return Math.log(share / (1 - share))
}

const SURE_LOGIT = logit(sureScore(DEFAULT_THRESHOLD))
