import { openLog } from '../../agent/log.ts'

// log-child.js: writes one line where a service writes its log.

openLog({ level: 'info' }).info('hello')
