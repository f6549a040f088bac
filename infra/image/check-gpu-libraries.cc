// Calls TensorFlow's own loader of NVIDIA's libraries: exit code 0 if every one that it wants can be opened. Needs neither a
// GPU nor a driver. Without it a missing library shows on a GPU only, as a warning and a run on the CPU.
#include <dlfcn.h>
#include <cstdio>

// absl::Status: returned through a hidden pointer; 1 means OK.
struct Status {
  unsigned long representation = 0;
  ~Status() {}
};

int main(int, char** parameters) {
  void* library = dlopen(parameters[1], RTLD_NOW);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  auto tryAll = (Status(*)())dlsym(library, "_ZN3tsl8internal9DsoLoader22TryDlopenCUDALibrariesEv");
  if (!tryAll) {
    fprintf(stderr, "%s\n", dlerror());
    return 3;
  }
  const bool isComplete = tryAll().representation == 1;
  printf("CUDA libraries: %s\n", isComplete ? "all found" : "MISSING (set TF_CPP_MAX_VLOG_LEVEL=1)");
  return isComplete ? 0 : 1;
}
