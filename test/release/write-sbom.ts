import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installRoot } from '../../agent/install-root.ts'
import { type Bom, completed, installed } from './sbom.ts'

// npm run sbom: writes dist/sbom.cdx.json, the bill of materials of a release (CycloneDX).

const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev']
const cwd = fileURLToPath(installRoot)
const text = execFileSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] })
const bom = completed(JSON.parse(text) as Bom, installed(readFileSync(new URL('install.sh', installRoot), 'utf8')))
writeFileSync(new URL('dist/sbom.cdx.json', installRoot), `${JSON.stringify(bom, null, 2)}\n`)
process.stderr.write(`dist/sbom.cdx.json lists ${bom.components.length} components.\n`)
