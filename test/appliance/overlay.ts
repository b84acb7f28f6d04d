import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mustRun, runCommand } from './host-command.ts'

/** A writable view of folders that stay as they are. What is written lies in a folder of its own, which goes with the overlay. */
export class Overlay implements AsyncDisposable {
  readonly root: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.root = join(folder, 'root')
  }

  /** The first of `layers` lies on top of the others. `folder` is the overlay's own; what an earlier run left there goes. */
  static async mount(folder: string, layers: readonly string[]): Promise<Overlay> {
    const overlay = new Overlay(folder)
    await rm(folder, { recursive: true, force: true })
    for (const name of ['root', 'upper', 'work']) await mkdir(join(folder, name), { recursive: true })
    const options = `lowerdir=${layers.join(':')},upperdir=${join(folder, 'upper')},workdir=${join(folder, 'work')}`
    await mustRun('mount', ['-t', 'overlay', 'headcount-test', '-o', options, overlay.root])
    return overlay
  }

  /** Keeps what was written as a layer for other overlays, and ends this one. */
  async keepAs(layer: string): Promise<void> {
    await this.#unmount()
    await rm(layer, { recursive: true, force: true })
    await rename(join(this.#folder, 'upper'), layer)
  }

  async #unmount(): Promise<void> {
    const { code } = await runCommand('umount', ['--recursive', this.root])
    // Something still holds it: it goes when that goes.
    if (code !== 0) await runCommand('umount', ['--recursive', '--lazy', this.root])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unmount()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
