import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFake } from './fake-library.ts'

/** What this libhailort says of its one network; otherwise it is in order: an input of 4 × 4 pixels and one NMS output. */
export interface FakeNetwork {
  /** Of the NMS output. */
  readonly classes?: number
  readonly mostBoxes?: number
  readonly outputFrameBytes?: number
  readonly inputFrameBytes?: number
  /** How many network groups the HEF has. */
  readonly groups?: number
  /** How many outputs it makes parameters for. */
  readonly madeOutputs?: number
  /** What it needs room for when it is asked for the streams of the HEF. */
  readonly neededInfos?: number
  /** How long configuring takes. It is noted only when it takes any time. */
  readonly configureMs?: number
  /** What a read does: an answer without boxes; no answer until shutdown; a timeout whose answer comes while the vstream is released. */
  readonly read?: 'empty' | 'blocks' | 'late'
}

/** A libhailort in C that configures a network and notes what is done to it, for processes with this environment. */
export class FakeNetworkLibrary implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'headcount-fake-network-'))
  readonly env = { HAILORT_LIB: join(this.#dir, 'libhailort.so'), FAKE_NOTES: join(this.#dir, 'notes') }

  constructor(network: FakeNetwork = {}) {
    compileFake(this.env.HAILORT_LIB, { version: [4, 23, 0], status: 0, functions: functionsOf(network) })
  }

  /** In the order they were written. */
  get notes(): string[] {
    return readFileSync(this.env.FAKE_NOTES, 'utf8').trim().split('\n')
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

const INPUT_BYTES = 4 * 4 * 3
const READS = { empty: 0, blocks: 1, late: 2 } as const

/** The offsets are those of ../shared/design/hailort.md: they are written down again, so that the declarations are not their own judge. */
function functionsOf({
  classes = 80,
  mostBoxes = 100,
  outputFrameBytes = classes * (1 + 5 * mostBoxes) * 4,
  inputFrameBytes = INPUT_BYTES,
  groups = 1,
  madeOutputs = 1,
  neededInfos = 2,
  configureMs = 0,
  read = 'empty',
}: FakeNetwork): Readonly<Record<string, string>> {
  const start = `#include <pthread.h>
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    static int isShut, readers;
    static void* lateBuffer; static size_t lateBytes;
    static void note(const char* text) { FILE* notes = fopen(getenv("FAKE_NOTES"), "a"); fprintf(notes, "%s\\n", text); fclose(notes); }
    static void put(char* at, size_t offset, unsigned value) { memcpy(at + offset, &value, 4); }
    static int give(size_t* count, size_t needed) { int fits = *count >= needed; *count = needed; return fits ? 0 : 5; }
    /* Fills its whole field: no zero ends it. */
    static void name(char* at, char letter) { memset(at, letter, 128); }
    static void inputInfo(char* info) {
      memset(info, 0, 436); name(info, 'i'); put(info, 388, 0); put(info, 392, 1); put(info, 396, 1);
      put(info, 404, 4); put(info, 408, 4); put(info, 412, 3);
    }
    static void outputInfo(char* info) {
      memset(info, 0, 436); name(info, 'o'); put(info, 388, 1); put(info, 392, 3); put(info, 396, 22);
      put(info, 404, ${classes}u); put(info, 408, ${mostBoxes}u); put(info, 412, 0xffffffffu); put(info, 416, 0xffffffffu);
    }`
  return {
    create_vdevice: `${start} int hailo_create_vdevice(void* params, void** made) { *made = params; return 0; }`,
    get_physical_devices:
      'int hailo_get_physical_devices(void* of, void** devices, size_t* count) { *devices = of; return give(count, 1); }',
    vdevice_get_physical_devices_ids:
      'int hailo_vdevice_get_physical_devices_ids(void* of, char* ids, size_t* count) { memset(ids, 0, 32); strcpy(ids, "fake"); return give(count, 1); }',
    identify: 'int hailo_identify(void* of, char* identity) { put(identity, 56, 2); return 0; }',
    release_vdevice: 'int hailo_release_vdevice() { note("release vdevice"); return 0; }',
    create_hef_file: 'int hailo_create_hef_file(void** hef) { *hef = &mutex; return 0; }',
    get_network_groups_infos: `int hailo_get_network_groups_infos(void* hef, char* groups, size_t* count) {
      memset(groups, 0, 129 * *count); return give(count, ${groups});
    }`,
    hef_get_all_vstream_infos: `int hailo_hef_get_all_vstream_infos(void* hef, char* of, char* infos, size_t* count) {
      inputInfo(infos); outputInfo(infos + 436); return give(count, ${neededInfos}u);
    }`,
    configure_vdevice: `int hailo_configure_vdevice(void* of, void* hef, void* params, void** groups, size_t* count) {
      *groups = of;
      if (${configureMs} > 0) { note("configure"); usleep(${configureMs} * 1000); note("configured"); }
      return give(count, 1);
    }`,
    make_input_vstream_params: `int hailo_make_input_vstream_params(void* group, _Bool unused, int type, char* params, size_t* count) {
      name(params, 'i'); return give(count, 1);
    }`,
    make_output_vstream_params: `int hailo_make_output_vstream_params(void* group, _Bool unused, int type, char* params, size_t* count) {
      name(params, 'o'); *count = ${madeOutputs}; return 0;
    }`,
    create_input_vstreams:
      'int hailo_create_input_vstreams(void* group, void* params, size_t n, void** made) { *made = &mutex; return 0; }',
    create_output_vstreams:
      'int hailo_create_output_vstreams(void* group, void* params, size_t n, void** made) { if (n) *made = &mutex; return 0; }',
    get_input_vstream_info: 'int hailo_get_input_vstream_info(void* of, char* info) { inputInfo(info); return 0; }',
    get_output_vstream_info: 'int hailo_get_output_vstream_info(void* of, char* info) { outputInfo(info); return 0; }',
    get_input_vstream_frame_size: `int hailo_get_input_vstream_frame_size(void* of, size_t* size) { *size = ${inputFrameBytes}u; return 0; }`,
    get_output_vstream_frame_size: `int hailo_get_output_vstream_frame_size(void* of, size_t* size) { *size = ${outputFrameBytes}ull; return 0; }`,
    vstream_read_raw_buffer: `int hailo_vstream_read_raw_buffer(void* of, char* buffer, size_t size) {
      pthread_mutex_lock(&mutex);
      readers++;
      note("read");
      int status = 0;
      if (${READS[read]} == 1) {
        while (!isShut) pthread_cond_wait(&changed, &mutex);
        status = 63;
      }
      if (${READS[read]} == 2) { lateBuffer = buffer; lateBytes = size; status = 4; }
      if (status == 0) memset(buffer, 0, size);
      readers--;
      pthread_mutex_unlock(&mutex);
      return status;
    }`,
    shutdown_network_group: `int hailo_shutdown_network_group() {
      pthread_mutex_lock(&mutex);
      note(readers > 0 ? "shutdown while it is read" : "shutdown");
      isShut = 1;
      pthread_cond_broadcast(&changed);
      pthread_mutex_unlock(&mutex);
      return 0;
    }`,
    release_input_vstreams: 'int hailo_release_input_vstreams() { note("release input"); return 0; }',
    release_output_vstreams: `int hailo_release_output_vstreams() {
      pthread_mutex_lock(&mutex);
      note(readers > 0 ? "release output under a reader" : "release output");
      if (lateBuffer != NULL) memset(lateBuffer, 1, lateBytes);
      pthread_mutex_unlock(&mutex);
      return 0;
    }`,
  }
}
