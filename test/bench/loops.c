/*
 * The engine benchmark's loops on the kernel it runs on. Prints one line a loop: name and operations a second.
 * Build: cc -O2 -o loops loops.c. The loop with 2 MiB pages needs 512 of them in the pool; without it prints 0.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void *map(size_t length, int flags)
{
	return mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void cycle(void)
{
	double start = now(), end;
	long n = 0;

	do {
		for (int k = 0; k < 200; k++, n++) {
			char *p = map(16 * 4096, 0);

			for (int i = 0; i < 16; i++)
				p[i * 4096] = 1;
			munmap(p, 16 * 4096);
		}
		end = now();
	} while (end - start < 0.6);
	printf("cycle %.0f\n", n / (end - start));
}

static void touch(const char *name, int flags, size_t step)
{
	size_t length = 1ul << 30;
	char *p = map(length, flags);

	if (p == MAP_FAILED) {
		printf("%s 0\n", name);
		return;
	}
	double start = now();

	for (size_t i = 0; i < length; i += step)
		p[i] = 1;
	printf("%s %.0f\n", name, length / step / (now() - start));
	munmap(p, length);
}

static uint32_t state = 1;

static uint32_t next(void)
{
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

/* Areas alternate in what they allow, so that neighbours never merge. */
static void *place(uint32_t i)
{
	return mmap(0, 4096 * (1 + i % 7), i & 1 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void areas(const char *name, uint32_t count)
{
	void **at = malloc(count * sizeof *at);

	for (uint32_t i = 0; i < count; i++)
		at[i] = place(i);
	double start = now(), end;
	long n = 0;

	do {
		for (int k = 0; k < 500; k++, n++) {
			uint32_t i = next() % count;

			munmap(at[i], 4096 * (1 + i % 7));
			at[i] = place(i);
		}
		end = now();
	} while (end - start < 0.6);
	printf("%s %.0f\n", name, n / (end - start));
	for (uint32_t i = 0; i < count; i++)
		munmap(at[i], 4096 * (1 + i % 7));
	free(at);
}

static void forks(void)
{
	size_t length = 1ul << 30;
	char *p = map(length, 0);

	madvise(p, length, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < length; i += 4096)
		p[i] = 1;
	double start = now();
	int n = 5;

	for (int k = 0; k < n; k++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		waitpid(child, 0, 0);
	}
	printf("fork %.2f\n", n / (now() - start));
	munmap(p, length);
}

int main(void)
{
	cycle();
	touch("touch4k", 0, 4096);
	touch("touch2m", MAP_HUGETLB, 2 << 20);
	areas("areas100", 100);
	areas("areas20000", 20000);
	forks();
}
