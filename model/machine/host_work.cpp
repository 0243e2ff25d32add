/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/host_work.h"

extern "C" {
#include "model/hyp/host.h"
}

void HostWork::coalesce(arch_ipa ipa, uint64_t bytes, unsigned block_shift)
{
    hyp_coalesce_range(&m_env.hyp(), &m_env.vm().slots.at(ipa).now, ipa, bytes,
                       block_shift);
    m_env.settle();
}

void HostWork::split(arch_ipa ipa, uint64_t bytes)
{
    hyp_split_range(&m_env.hyp(), ipa, bytes);
    m_env.settle();
}

/* Linux: kvm_vm_ioctl_set_memory_region() with KVM_MEM_LOG_DIRTY_PAGES; with manual
 * protection and INITIALLY_SET all pages count as dirty and nothing is protected yet.
 */
void HostWork::log_start(Slot &slot, bool manual)
{
    slot.manual = manual;
    slot.now.logging = true;
    if (manual)
        slot.dirty.set();
    else
        slot.dirty.clear();
    if (!manual)
        hyp_dirty_log_start(&m_env.hyp(), &slot.now);
    m_env.settle();
}

/* Linux: kvm_vm_ioctl_get_dirty_log(). */
void HostWork::log_get(Slot &slot)
{
    if (slot.manual) {
        hyp_dirty_log_sync(&m_env.hyp(), &slot.now);
        slot.got.assign(slot.dirty.data(), slot.dirty.data() + slot.dirty.size());
    } else {
        slot.got.resize(slot.dirty.size());
        hyp_dirty_log_get(&m_env.hyp(), &slot.now, slot.got.data());
    }
    m_env.settle();
}

/* Linux: kvm_vm_ioctl_clear_dirty_log(), of all that the last get has shown. */
void HostWork::log_clear(Slot &slot)
{
    const uint64_t pages = slot.now.bytes >> m_env.hyp().tg;

    if (slot.got.empty())
        return;
    hyp_dirty_log_clear(&m_env.hyp(), &slot.now, 0, pages, slot.got.data());
    m_env.settle();
}

/* Linux: kvm_arch_commit_memory_region() does nothing to the tables: a fault meets them
 * and makes the block again. */
void HostWork::log_stop(Slot &slot)
{
    slot.now.logging = false;
}

/* Linux: kvm_mmu_notifier_invalidate_range_start() and _end(). */
void HostWork::unmap(arch_ipa ipa, uint64_t bytes)
{
    m_env.vm().notifier_begins(ipa, bytes);
    hyp_unmap_range(&m_env.hyp(), ipa, bytes);
    m_env.settle();
    m_env.vm().notifier_ends();
}

void HostWork::protect(arch_ipa ipa, uint64_t bytes, bool writable)
{
    hyp_perms perms{};

    perms.set_write = writable;
    perms.clear_write = !writable;
    hyp_protect_range(&m_env.hyp(), ipa, bytes, perms);
    m_env.settle();
}

void HostWork::age(arch_ipa ipa, uint64_t bytes)
{
    (void)hyp_test_clear_young(&m_env.hyp(), ipa, bytes, true);
    m_env.settle();
}

/* Linux: kvm_arch_flush_shadow_memslot(). */
void HostWork::slot_delete(Slot &slot)
{
    slot.deleted = true;
    unmap(slot.now.ipa, slot.now.bytes);
}

void HostWork::slot_create(Slot &slot)
{
    slot.deleted = false;
    slot.now.logging = false;
}
