import type { Problem } from './problem.ts'

const KINDS = 'libcamera, libcamera:NAME, v4l2:/dev/video0, rtsp://HOST/PATH, rtsps://HOST/PATH, file:/PATH or test'

/** What is wrong with the text of a source, or null. Says nothing about whether the source answers. */
export function sourceProblem(text: string): Problem | null {
  if (/\p{Cc}/u.test(text)) return { problem: 'holds a line break or another control character', remedy: 'Write the source on one line.' }
  if (text === 'test' || /^libcamera(:.+)?$/.test(text)) return null
  if (text.startsWith('v4l2:')) {
    return /^v4l2:\/dev\/[^\s"'!]+$/.test(text)
      ? null
      : { problem: 'does not name a video device', remedy: 'Write it as v4l2:/dev/video0; "ls /dev/video*" lists them.' }
  }
  if (text.startsWith('file:')) {
    return /^file:\/[^/]/.test(text)
      ? null
      : { problem: 'does not name a file by its whole path', remedy: 'Write it as file:/home/pi/clip.mp4, with one slash after the colon.' }
  }
  if (/^rtsps?:\/\//i.test(text)) {
    return URL.canParse(text) && new URL(text).hostname !== '' && !/\s/.test(text)
      ? null
      : {
          problem: 'is not a valid RTSP address',
          remedy: 'Write rtsp://HOST:PORT/PATH and %-encode special characters in the password, or use passwordFile.',
        }
  }
  return { problem: 'is not a kind of source', remedy: `Write one of ${KINDS}.` }
}
