import { open } from 'node:fs/promises'
import { MIGRATIONS } from '../history/schema.ts'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'history'
const FILE = 'history.sqlite'
/** The header of a database (https://www.sqlite.org/fileformat.html): it begins with this text, user_version is a number at 60. */
const MAGIC = 'SQLite format 3\0'
const VERSION_AT = 60
const HEADER_BYTES = 100

/** Is the history a file of ours, and was one ever set aside? Its header is read, nothing more: SQLite would want to write beside it. */
export async function checkHistory(files: MachineFiles, folder: string): Promise<readonly Finding[]> {
  const aside = (await files.names(folder)).filter((name) => name.startsWith(`${FILE}.broken-`) && !/-(wal|shm)$/.test(name))
  const findings = [await checkFile(files.at(`${folder}/${FILE}`), `${folder}/${FILE}`)]
  if (aside.length > 0) {
    const what = `Broken histories were set aside in ${folder}: ${aside.slice(0, 5).join(', ')}${aside.length > 5 ? ', …' : ''}.`
    const why = 'A disk that breaks files will do so again.'
    const remedy = 'Look for faults of the disk in "sudo dmesg"; remove the files when nobody needs them any more.'
    findings.push({ check: CHECK, severity: 'warning', what, why, remedy })
  }
  return findings.filter((finding) => finding !== null)
}

async function checkFile(path: string, shown: string): Promise<Finding | null> {
  const header = await readHeader(path)
  if (header === 'ENOENT') return ok(CHECK, 'There is no history yet.')
  if (typeof header === 'string') {
    const remedy = 'Run doctor as the user of the service: sudo -u headcount headcount doctor'
    return { check: CHECK, severity: 'note', what: `${shown} cannot be read by this user (${header}).`, why: null, remedy }
  }
  const sqlite = header.subarray(0, MAGIC.length).toString('latin1') === MAGIC
  const version = sqlite ? header.readUInt32BE(VERSION_AT) : 0
  // What was written last may still lie in the journal beside it.
  if (sqlite && version <= MIGRATIONS.length) return ok(CHECK, `${shown} is there${version === 0 ? '' : `, of version ${version}`}.`)
  const what = sqlite
    ? `${shown} is of version ${version}; this headcount knows versions up to ${MIGRATIONS.length}.`
    : `${shown} is not a database, or its beginning is broken.`
  const why = 'It is set aside at the next start, and a new history is begun with what can still be read.'
  const remedy = sqlite ? 'To keep it, install the newer headcount that wrote it.' : 'Look for faults of the disk in "sudo dmesg".'
  return { check: CHECK, severity: 'warning', what, why, remedy }
}

/** Its beginning, or the code of why it cannot be read. An empty file is a new one. */
async function readHeader(path: string): Promise<Buffer | string> {
  try {
    await using file = await open(path, 'r')
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    return bytesRead === 0 ? 'ENOENT' : buffer
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown reason'
  }
}
