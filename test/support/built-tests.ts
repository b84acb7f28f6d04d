import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const SOURCE = '.test.ts'
const BUILT = '.test.js'

/** The test files of a checkout: `names` without folder and ending, `faults` for what would silently not run. */
export interface BuiltTests {
  readonly names: readonly string[]
  readonly faults: readonly string[]
}

/** Compares sources with what is built: removes built tests whose source is gone, and names the sources that would run no test. */
export async function findBuiltTests(sources: string, built: string): Promise<BuiltTests> {
  const [wanted, there] = await Promise.all([namesIn(sources, SOURCE), namesIn(built, BUILT)])
  for (const name of there.filter((candidate) => !wanted.includes(candidate))) {
    for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) await rm(join(built, `${name}.test${ending}`), { force: true })
  }
  const faults: string[] = []
  for (const name of wanted) {
    if (!there.includes(name)) faults.push(`${name}${SOURCE} is not compiled`)
    // A uvu suite without it ends well and has run nothing.
    else if (!(await readFile(join(sources, `${name}${SOURCE}`), 'utf8')).includes('.run()'))
      faults.push(`${name}${SOURCE} never calls .run()`)
  }
  return { names: wanted.filter((name) => there.includes(name)), faults }
}

async function namesIn(folder: string, ending: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true })
  return files
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort()
}
