import { RuntimeFolder } from '../../agent/ring/runtime-folder.ts'

// folder-child open|private PATH   opens a runtime folder and holds it until it is killed

const [mode, path = ''] = process.argv.slice(2)
const folder = mode === 'private' ? await RuntimeFolder.openPrivate(path) : await RuntimeFolder.open(path)
process.stdout.write(`${folder.path}\n`)
setInterval(() => undefined, 60_000)
