import { library, scan, VDevice } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'

// Loads the library that the environment names, then those that the arguments name, until one loads; prints what came of it as JSON.

const said = (error: unknown) => {
  if (!(error instanceof HailoError)) throw error
  return { code: error.code, status: error.status, call: error.call, what: error.what, remedy: error.remedy }
}

function load(): unknown {
  try {
    return library()
  } catch (error) {
    return said(error)
  }
}

const loaded = [load()]
for (const path of process.argv.slice(2)) {
  process.env['HAILORT_LIB'] = path
  loaded.push(load())
}
const answers = { loaded, scanned: await scan().catch(said), opened: await VDevice.open().then(({ deviceIds }) => deviceIds, said) }
process.stdout.write(JSON.stringify(answers))
