/** One route as GET /openapi.json tells it. */
export interface RouteDescription {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** With `{id}` where the route takes an id. */
  readonly path: string
  readonly about: string
  /** Keys of the query with what they mean; none of them is needed, but for those that end in `!`. */
  readonly query?: Readonly<Record<string, string>>
  /** What the JSON body holds. */
  readonly body?: string
  /** Status and media type of a good answer; no media type: no body. */
  readonly answer: readonly [status: number, type?: string]
  /** Statuses of refusals beside those that every route may give. */
  readonly refusals?: readonly number[]
  /** Needs no token. */
  readonly open?: true
}

const JSON_TYPE = 'application/json'
const MJPEG_TYPE = 'multipart/x-mixed-replace'
const STREAM = { stream: 'id of a stream; the first when it is not said' }
const KEY = { key: 'token of this stream' }
const PICTURE = { overlay: '0: no boxes', width: 'pixels, 16 to 4096' }
const LIVE = { ...PICTURE, fps: 'at most that many frames a second, 0.1 to 120' }

/** Every route but the page's own files, in the order of the README. */
export const ROUTES: readonly RouteDescription[] = [
  {
    method: 'get',
    path: '/',
    about: 'The page; with token, logs in and redirects.',
    query: { token: 'the access token' },
    answer: [200, 'text/html'],
    open: true,
  },
  {
    method: 'get',
    path: '/health',
    about: 'How the agent does; 503 only while it starts.',
    answer: [200, JSON_TYPE],
    refusals: [503],
    open: true,
  },
  { method: 'get', path: '/warmup', about: 'Answers when the first inference has passed.', answer: [200, JSON_TYPE], refusals: [503] },
  {
    method: 'post',
    path: '/login',
    about: 'Opens a session: sets a cookie.',
    body: '{token}',
    answer: [204],
    refusals: [415, 429],
    open: true,
  },
  { method: 'post', path: '/logout', about: 'Ends the session.', answer: [204] },
  { method: 'get', path: '/api/streams', about: 'All streams.', answer: [200, JSON_TYPE] },
  {
    method: 'post',
    path: '/api/streams',
    about: 'Adds a stream.',
    body: 'Keys of a stream as in the configuration.',
    answer: [201, JSON_TYPE],
    refusals: [409, 415, 422],
  },
  { method: 'get', path: '/api/streams/{id}', about: 'One stream.', answer: [200, JSON_TYPE], refusals: [404] },
  {
    method: 'patch',
    path: '/api/streams/{id}',
    about: 'Changes a stream.',
    body: 'The keys that change, as in RFC 7396: null takes a key back to its default.',
    answer: [200, JSON_TYPE],
    refusals: [404, 409, 415, 422],
  },
  { method: 'delete', path: '/api/streams/{id}', about: 'Removes a stream.', answer: [204], refusals: [404, 409, 422] },
  { method: 'post', path: '/api/streams/{id}/start', about: 'Starts a stream.', answer: [200, JSON_TYPE], refusals: [404] },
  { method: 'post', path: '/api/streams/{id}/stop', about: 'Stops a stream.', answer: [200, JSON_TYPE], refusals: [404] },
  {
    method: 'post',
    path: '/api/streams/{id}/restart',
    about: 'Stops a stream and starts it again.',
    answer: [200, JSON_TYPE],
    refusals: [404],
  },
  {
    method: 'post',
    path: '/api/streams/test',
    about: 'Opens a source for a moment and says what it gives.',
    body: 'Keys of a stream without id.',
    answer: [200, JSON_TYPE],
    refusals: [409, 415, 422, 503],
  },
  {
    method: 'get',
    path: '/api/streams/{id}/state',
    about: 'The JSON of MQTT’s <stream>/state.',
    answer: [200, JSON_TYPE],
    refusals: [404],
  },
  {
    method: 'get',
    path: '/api/streams/{id}/mjpeg',
    about: 'Live picture.',
    query: { ...KEY, ...LIVE },
    answer: [200, MJPEG_TYPE],
    refusals: [404, 409, 503],
  },
  {
    method: 'get',
    path: '/api/streams/{id}/snapshot.jpg',
    about: 'The newest picture.',
    query: { ...KEY, ...PICTURE },
    answer: [200, 'image/jpeg'],
    refusals: [404, 503],
  },
  {
    method: 'post',
    path: '/api/streams/{id}/totals/reset',
    about: 'Totals of a stream, or of one of its lines, back to zero.',
    body: '{line?}',
    answer: [204],
    refusals: [404, 415],
  },
  { method: 'post', path: '/api/totals/reset', about: 'Totals of all streams back to zero.', answer: [204], refusals: [415] },
  { method: 'get', path: '/api/areas', about: 'Areas with the people inside; null: unknown.', answer: [200, JSON_TYPE] },
  {
    method: 'post',
    path: '/api/areas/{id}/inside',
    about: 'Somebody has counted the people inside.',
    body: '{value}',
    answer: [200, JSON_TYPE],
    refusals: [404, 415],
  },
  {
    method: 'get',
    path: '/api/history',
    about: 'What a stream has counted: minutes, hours or days; made while it is read.',
    query: {
      'stream!': 'id of a stream',
      from: 'ISO 8601 with offset, or milliseconds since 1970; a day before `to` when not said',
      to: 'likewise; now when not said',
      bucket: 'minute, 5minutes, 15minutes, hour or day; hour when not said',
      format: 'json or csv; otherwise by Accept',
    },
    answer: [200, JSON_TYPE],
    refusals: [404, 409, 503],
  },
  { method: 'get', path: '/api/tokens', about: 'Tokens that show pictures of one stream, without themselves.', answer: [200, JSON_TYPE] },
  {
    method: 'post',
    path: '/api/tokens',
    about: 'Makes a token that shows pictures of one stream; it is told once.',
    body: '{stream, name?}',
    answer: [201, JSON_TYPE],
    refusals: [404, 409, 415],
  },
  { method: 'delete', path: '/api/tokens/{id}', about: 'Takes such a token back, and ends what it shows.', answer: [204], refusals: [404] },
  {
    method: 'get',
    path: '/api/events',
    about: 'Server-sent events: hello, missed, state, gone, areas, event.',
    answer: [200, 'text/event-stream'],
    refusals: [503],
  },
  { method: 'get', path: '/api/doctor', about: 'What `headcount doctor` finds.', answer: [200, JSON_TYPE], refusals: [503] },
  { method: 'get', path: '/api/log', about: 'The last lines of the agent’s log.', answer: [200, JSON_TYPE] },
  { method: 'post', path: '/api/camera/start', about: 'Starts a stream.', query: STREAM, answer: [200, JSON_TYPE], refusals: [404] },
  { method: 'post', path: '/api/camera/stop', about: 'Stops a stream.', query: STREAM, answer: [200, JSON_TYPE], refusals: [404] },
  {
    method: 'post',
    path: '/api/camera/restart',
    about: 'Stops a stream and starts it again.',
    query: STREAM,
    answer: [200, JSON_TYPE],
    refusals: [404],
  },
  {
    method: 'get',
    path: '/api/camera/status',
    about: 'One stream in the words of simpler programs.',
    query: STREAM,
    answer: [200, JSON_TYPE],
    refusals: [404],
  },
  { method: 'get', path: '/api/camera/process-info', about: 'Every process of headcount.', answer: [200, JSON_TYPE] },
  {
    method: 'get',
    path: '/api/camera/stream',
    about: 'Live picture.',
    query: { ...STREAM, ...LIVE },
    answer: [200, MJPEG_TYPE],
    refusals: [404, 409, 503],
  },
  { method: 'get', path: '/metrics', about: 'Figures for Prometheus.', answer: [200, 'text/plain'] },
  { method: 'get', path: '/openapi.json', about: 'This description.', answer: [200, JSON_TYPE] },
]
