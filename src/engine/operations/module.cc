// Loading the library into Node.js makes its operations known to TensorFlow; there is nothing to call.
#include <node_api.h>

static napi_value Register(napi_env, napi_value exports) { return exports; }

NAPI_MODULE(nightsweep_operations, Register)
