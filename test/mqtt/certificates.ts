import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** An authority of the test's own, with everything it has signed in one folder. */
export interface Authority extends AsyncDisposable {
  readonly ca: string
  /** A certificate for somebody; `san` as openssl names it, like IP:127.0.0.1. */
  sign(name: string, san?: string): Promise<{ readonly cert: string; readonly key: string }>
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** null: openssl is not installed. */
export async function openAuthority(): Promise<Authority | null> {
  const dir = await mkdtemp(join(tmpdir(), 'headcount-certificates-'))
  const file = (name: string) => join(dir, name)
  const [ca, caKey] = [file('ca.pem'), file('ca.key')]
  try {
    await run('openssl', ['req', '-x509', ...KEY, '-days', '2', '-subj', '/CN=test authority', '-keyout', caKey, '-out', ca])
  } catch (error) {
    await rm(dir, { recursive: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return {
    ca,
    async sign(name, san) {
      const [cert, key, request, extensions] = [file(`${name}.pem`), file(`${name}.key`), file(`${name}.csr`), file(`${name}.ext`)]
      await run('openssl', ['req', '-new', ...KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request])
      await writeFile(extensions, san === undefined ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${san}\n`)
      const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions]
      await run('openssl', ['x509', '-req', '-in', request, ...signing, '-out', cert])
      await chmod(key, 0o644) // mosquitto may read it as another user.
      return { cert, key }
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}
