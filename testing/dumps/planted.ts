/** A program that has secrets in every place and form of its memory, and ends by `abort`. */

/** Put together here, so that this file holds none. Each is of another issuer, in a form that has a detector. */
export const PLANTED = {
  heap: `glpat-${'Zt4mXw9RkQ2vBn7LpY3c'}`,
  stack: `xoxb-${'842913574021'}-${'913047562218'}-${'mQz7LkVd3YpWn5TxRb2HsJfA'}`,
  pages: `SG.${'k3VnQ9xTz1LmPw7RbYc5Hd'}.${'Jf8WqZr2Tn6XvKs4Lp9MhGy3Bd7Cu1Ea5Rt0Nw2Oi8Q'}`,
  segments: `glptt-${'8d1f4b7a9c3e5d2f6a0b8c7e1d4f9a2b6c5e3d70'}`,
  utf16: `npm_${'q8ZtR3vLmX5kYpW2nB7dHsJfC9gT6u2P5ZGV'}`,
  utf32: `dop_v1_${'4f9a2b6c5e3d708d1f4b7a9c3e5d2f6a0b8c7e1d4f9a2b6c5e3d708d1f4b7a9c'}`,
  encoded: `glrt-${'Vn7LpY3cZt4mXw9RkQ2v'}`,
  freed: `glpat-${'Hd5TbW8qLxN2mRvK7yJp'}`,
  /** In the environment under a name that says nothing, and of a form that no detector knows. */
  environment: 'rosewood-7-lantern-quartz',
  /** On the command line, behind an option that says what it is. */
  parameter: 'candle2harbour9velvet',
  cookie: 'a81bd02c9f1e4c57b6d3',
} as const;

export const PROGRAM = `
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <unistd.h>
#include <sys/mman.h>

static std::string in;
static std::string take() {
  size_t at = in.find('\\n');
  std::string line = in.substr(0, at);
  in.erase(0, at + 1);
  return line;
}
static void *kept[16];

static void deeper(const char *secret) {
  char on_the_stack[128];
  strcpy(on_the_stack, secret);
  // Nothing may optimise it away.
  asm volatile("" : : "r"(on_the_stack) : "memory");
  abort();
}

int main() {
  char chunk[65536];
  ssize_t got;
  while ((got = read(0, chunk, sizeof chunk)) > 0) in.append(chunk, got);
  std::string heap = take(), stack = take(), pages = take(), segments = take(), wide = take(), wider = take(), encoded = take(), freed = take(), cookie = take(), pem = take(), der = take(), number = take();
  kept[0] = strdup(heap.c_str());
  char *two = (char *)mmap(0, 8192 * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(two + 4096 - 17, pages.c_str());
  strcpy(two + 8192 - 17, segments.c_str());
  mprotect(two + 8192, 8192, PROT_READ);
  char *places = (char *)malloc(200000);
  memset(places, 1, 200000);
  for (size_t i = 0; i <= wide.size(); i++) { places[1001 + 2 * i] = wide.c_str()[i]; places[1002 + 2 * i] = 0; }
  for (size_t i = 0; i <= wider.size(); i++) { memset(places + 3002 + 4 * i, 0, 4); places[3002 + 4 * i] = wider.c_str()[i]; }
  strcpy(places + 5003, encoded.c_str());
  strcpy(places + 6003, cookie.c_str());
  memcpy(places + 7003, pem.data(), pem.size());
  for (size_t i = 0; i < pem.size(); i++) if (places[7003 + i] == '|') places[7003 + i] = '\\n';
  auto bytes = [&](const std::string &hex, char *to) {
    for (size_t i = 0; i + 1 < hex.size(); i += 2) *to++ = (char)strtol(hex.substr(i, 2).c_str(), 0, 16);
  };
  bytes(der, places + 50003);
  bytes(number, places + 60005);
  kept[1] = places;
  kept[2] = two;
  // An allocator writes over the first bytes of what it takes back.
  char *gone = (char *)malloc(freed.size() + 1);
  strcpy(gone, freed.c_str());
  kept[3] = strdup(freed.c_str());
  free(gone);
  std::thread([&] { deeper(stack.c_str()); }).join();
}
`;
