import type { News } from './http/agent-view.ts'

/** Passes what happens on to those who listen at the moment. */
export class NewsHub {
  readonly #listeners = new Set<(news: News) => void>()

  tell(news: News): void {
    for (const listener of this.#listeners) listener(news)
  }

  /** Calling what is returned ends it. */
  listen(listener: (news: News) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
