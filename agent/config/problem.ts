/** What is wrong with a value and what to write instead; becomes one fault. */
export interface Problem {
  readonly problem: string
  readonly remedy: string
}
