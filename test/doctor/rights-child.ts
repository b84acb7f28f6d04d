import { mayReadAndWrite } from '../../agent/doctor/ownership.ts'

// rights-child.js PATH…: says of each path whether this user may read and write it.

process.stdout.write(JSON.stringify(await Promise.all(process.argv.slice(2).map(mayReadAndWrite))))
