import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate of this moment for 127.0.0.1, signed by itself, and its key: PEM files that go with the scope. */
export interface Certificate extends AsyncDisposable {
  readonly cert: string
  readonly key: string
}

/** null: there is no openssl on this machine. */
export async function makeCertificate(): Promise<Certificate | null> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-certificate-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const form = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await promisify(execFile)('openssl', [...form, ...subject, '-keyout', key, '-out', cert])
  } catch (error) {
    await remove()
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return { cert, key, [Symbol.asyncDispose]: remove }
}
