/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/zero_words.h"

#include <algorithm>
#include <new>
#include <sys/mman.h>

ZeroWords::ZeroWords(size_t n) : m_n(n)
{
    if (n == 0)
        return;
    void *p = mmap(nullptr, n * sizeof *m_words, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        throw std::bad_alloc();
    m_words = static_cast<uint64_t *>(p);
}

ZeroWords::~ZeroWords()
{
    if (m_words)
        munmap(m_words, m_n * sizeof *m_words);
}

ZeroWords::ZeroWords(ZeroWords &&other) noexcept
    : m_words(other.m_words), m_n(other.m_n)
{
    other.m_words = nullptr;
    other.m_n = 0;
}

/* Linux: the pages of a private anonymous mapping come back zeroed. */
void ZeroWords::clear()
{
    if (m_words && madvise(m_words, m_n * sizeof *m_words, MADV_DONTNEED) != 0)
        std::fill(m_words, m_words + m_n, 0);
}

void ZeroWords::set()
{
    std::fill(m_words, m_words + m_n, UINT64_MAX);
}
