/*
 * One frame to many sockets in one call: what a broadcast costs is then what the kernel asks, and nothing for JavaScript's streams.
 *
 * fanout(descriptors: Int32Array, frame: Uint8Array, results: Int32Array, count: number): void
 *   results[i]: bytes of the frame that the kernel took from descriptors[i], or minus the error number.
 *
 * Whose descriptors they are is for the caller to know: one that was closed may be somebody else's by now.
 * Never blocks, never raises SIGPIPE, touches nothing beyond the shorter of the two arrays.
 */
#define NAPI_VERSION 8
#define _GNU_SOURCE
#include <errno.h>
#include <node_api.h>
#include <stdint.h>
#include <sys/socket.h>

static napi_value refuse(napi_env env, const char *what) {
  napi_throw_type_error(env, NULL, what);
  return NULL;
}

static int ints(napi_env env, napi_value value, int32_t **data, size_t *length) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, length, (void **)data, NULL, NULL) == napi_ok && type == napi_int32_array;
}

static int32_t send_one(int fd, const void *frame, size_t length) {
  for (;;) {
    ssize_t took = send(fd, frame, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (took >= 0) return (int32_t)took;
    if (errno != EINTR) return -errno;
  }
}

static napi_value fanout(napi_env env, napi_callback_info info) {
  napi_value args[4];
  size_t argc = 4, known, room, length;
  int32_t *descriptors, *results;
  void *frame;
  napi_typedarray_type type;
  uint32_t count;
  if (napi_get_cb_info(env, info, &argc, args, NULL, NULL) != napi_ok || argc != 4) return refuse(env, "fanout takes four arguments");
  if (!ints(env, args[0], &descriptors, &known) || !ints(env, args[2], &results, &room)) return refuse(env, "descriptors and results are Int32Arrays");
  if (napi_get_typedarray_info(env, args[1], &type, &length, &frame, NULL, NULL) != napi_ok || type != napi_uint8_array) return refuse(env, "the frame is a Uint8Array");
  /* What was taken is told as a signed 32-bit number. */
  if (length > INT32_MAX) return refuse(env, "the frame is too large");
  if (napi_get_value_uint32(env, args[3], &count) != napi_ok || count > known || count > room) return refuse(env, "count is larger than an array");
  for (uint32_t at = 0; at < count; at++) results[at] = send_one(descriptors[at], frame, length);
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "fanout", NAPI_AUTO_LENGTH, fanout, NULL, &function) != napi_ok) return NULL;
  return function;
}
