/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/zero_words.h - words that are 0 and cost the host nothing until they
 * are written: a bitmap of all pages of a guest of which few are touched. */
#ifndef MODEL_MACHINE_ZERO_WORDS_H
#define MODEL_MACHINE_ZERO_WORDS_H

#include <cstddef>
#include <cstdint>

class ZeroWords
{
  public:
    explicit ZeroWords(size_t n = 0);
    ~ZeroWords();
    ZeroWords(ZeroWords &&other) noexcept;
    ZeroWords(const ZeroWords &) = delete;
    ZeroWords &operator=(const ZeroWords &) = delete;

    size_t size() const { return m_n; }
    uint64_t *data() { return m_words; } /* stays where it is */
    uint64_t &operator[](size_t i) { return m_words[i]; }

    /* All become 0, or all ones. */
    void clear();
    void set();

  private:
    uint64_t *m_words = nullptr; /* [m_n] */
    size_t m_n;
};

#endif
