/*
 * Which packets the kernel hands over, as a table of nf_tables for each protocol:
 *
 *     table ip labrys-shaper { flags owner
 *       chain out { type filter hook postrouting priority 150
 *         meta mark 0x1ab accept                 what we have sent
 *         ip daddr 10.77.0.2 queue num 427 bypass
 *
 * Everything to other destinations never meets us. The kernel removes a table with the socket that owns it, and until
 * then lets packets pass where nobody reads the queue: if we die, however, traffic flows.
 */
#include "shaper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef NFT_TABLE_F_OWNER
#define NFT_TABLE_F_OWNER 2
#endif

static const char TABLE[] = "labrys-shaper", CHAIN[] = "out";

/* How a rule hands a packet over: by nf_tables' own word for it, or by the older module's. */
static bool by_module;

/* A batch of messages is one transaction. */
struct batch {
    struct message message;
    int messages;
    uint8_t family;
};

static void begin(struct batch *batch, uint8_t family) {
    *batch = (struct batch){.message = {.room = 1 << 20}, .family = family};
    batch->message.bytes = malloc(batch->message.room);
    if (!batch->message.bytes) batch->message.room = 0;
    message_begin(&batch->message, NFNL_MSG_BATCH_BEGIN, 0, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
}

static void add(struct batch *batch, uint16_t type, uint16_t flags) {
    message_begin(&batch->message, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_ACK | flags, ++batch->messages,
                  batch->family, 0);
}

static int commit(struct batch *batch, int socket) {
    message_begin(&batch->message, NFNL_MSG_BATCH_END, 0, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    int error = batch->message.bytes ? netlink_ask(socket, &batch->message, batch->messages) : ENOMEM;
    free(batch->message.bytes);
    return error;
}

static int make_table(struct space *space, uint8_t family, uint32_t flags) {
    struct batch batch;
    begin(&batch, family);
    struct message *to = &batch.message;
    add(&batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    message_text(to, NFTA_TABLE_NAME, TABLE);
    if (flags) message_u32(to, NFTA_TABLE_FLAGS, flags);
    add(&batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    message_text(to, NFTA_CHAIN_TABLE, TABLE);
    message_text(to, NFTA_CHAIN_NAME, CHAIN);
    message_text(to, NFTA_CHAIN_TYPE, "filter");
    size_t hook = message_nest(to, NFTA_CHAIN_HOOK);
    message_u32(to, NFTA_HOOK_HOOKNUM, NF_INET_POST_ROUTING);
    message_u32(to, NFTA_HOOK_PRIORITY, 150);
    message_close(to, hook);
    return commit(&batch, space->tables);
}

static void delete_rules(struct batch *batch) {
    add(batch, NFT_MSG_DELRULE, 0);
    message_text(&batch->message, NFTA_RULE_TABLE, TABLE);
    message_text(&batch->message, NFTA_RULE_CHAIN, CHAIN);
}

/* --- Rules are lists of expressions: load something, compare it, do something. */

static size_t expression(struct message *to, const char *name, size_t *element) {
    *element = message_nest(to, NFTA_LIST_ELEM);
    message_text(to, NFTA_EXPR_NAME, name);
    return message_nest(to, NFTA_EXPR_DATA);
}

static void finish(struct message *to, size_t data, size_t element) {
    message_close(to, data);
    message_close(to, element);
}

static void equals(struct message *to, const void *value, size_t length) {
    size_t element, data = expression(to, "cmp", &element);
    message_u32(to, NFTA_CMP_SREG, NFT_REG_1);
    message_u32(to, NFTA_CMP_OP, NFT_CMP_EQ);
    size_t nest = message_nest(to, NFTA_CMP_DATA);
    message_attribute(to, NFTA_DATA_VALUE, value, length);
    message_close(to, nest);
    finish(to, data, element);
}

static void accept_marked(struct message *to) {
    uint32_t mark = SHAPER_MARK;
    size_t element, data = expression(to, "meta", &element);
    message_u32(to, NFTA_META_KEY, NFT_META_MARK);
    message_u32(to, NFTA_META_DREG, NFT_REG_1);
    finish(to, data, element);
    equals(to, &mark, sizeof mark);
    data = expression(to, "immediate", &element);
    message_u32(to, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    size_t value = message_nest(to, NFTA_IMMEDIATE_DATA), verdict = message_nest(to, NFTA_DATA_VERDICT);
    message_u32(to, NFTA_VERDICT_CODE, NF_ACCEPT);
    message_close(to, verdict);
    message_close(to, value);
    finish(to, data, element);
}

static void queue_what_goes_to(struct message *to, const struct address *address) {
    size_t element, data = expression(to, "payload", &element);
    message_u32(to, NFTA_PAYLOAD_DREG, NFT_REG_1);
    message_u32(to, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
    message_u32(to, NFTA_PAYLOAD_OFFSET, address->length == 4 ? 16 : 24);
    message_u32(to, NFTA_PAYLOAD_LEN, address->length);
    finish(to, data, element);
    equals(to, address->bytes, address->length);
    if (by_module) {
        struct xt_NFQ_info_v3 info = {.queuenum = SHAPER_QUEUE, .queues_total = 1, .flags = NFQ_FLAG_BYPASS};
        uint8_t padded[8] = {0};
        memcpy(padded, &info, sizeof info);
        data = expression(to, "target", &element);
        message_text(to, NFTA_TARGET_NAME, "NFQUEUE");
        message_u32(to, NFTA_TARGET_REV, 3);
        message_attribute(to, NFTA_TARGET_INFO, padded, sizeof padded);
    } else {
        uint16_t number = htons(SHAPER_QUEUE), one = htons(1), bypass = htons(NFT_QUEUE_FLAG_BYPASS);
        data = expression(to, "queue", &element);
        message_attribute(to, NFTA_QUEUE_NUM, &number, sizeof number);
        message_attribute(to, NFTA_QUEUE_TOTAL, &one, sizeof one);
        message_attribute(to, NFTA_QUEUE_FLAGS, &bypass, sizeof bypass);
    }
    finish(to, data, element);
}

static void add_rule(struct batch *batch, const struct address *address) {
    struct message *to = &batch->message;
    add(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    message_text(to, NFTA_RULE_TABLE, TABLE);
    message_text(to, NFTA_RULE_CHAIN, CHAIN);
    size_t list = message_nest(to, NFTA_RULE_EXPRESSIONS);
    if (address) queue_what_goes_to(to, address);
    else accept_marked(to);
    message_close(to, list);
}

/* Links that have no rule yet; or all of them again. */
static int write_rules(struct space *space, uint8_t length, bool renew) {
    struct batch batch;
    begin(&batch, length == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
    if (renew) {
        delete_rules(&batch);
        add_rule(&batch, NULL);
    }
    for (const struct link *link = space->links; link; link = link->next)
        if (link->to.length == length && (renew || !link->ruled)) add_rule(&batch, &link->to);
    return commit(&batch, space->tables);
}

static bool wants(const struct space *space, uint8_t length) {
    for (const struct link *link = space->links; link; link = link->next)
        if (link->to.length == length && !link->ruled) return true;
    return false;
}

static bool write_family(struct space *space, uint8_t length, bool *ruled, bool renew) {
    if (renew ? !*ruled : !wants(space, length)) return true;
    if (!*ruled) {
        uint8_t family = length == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
        int error = make_table(space, family, NFT_TABLE_F_OWNER);
        /* Before Linux 5.12, tables have no owners; what we leave then lets everything pass. */
        if (error == EOPNOTSUPP || error == EINVAL) error = make_table(space, family, 0);
        if (error) return complain("the kernel has no packet filter (nf_tables): %s", strerror(error));
        renew = *ruled = true;
    }
    int error = write_rules(space, length, renew);
    if (error == ENOENT && !by_module) {
        by_module = true;
        error = write_rules(space, length, renew);
        if (error) by_module = false;
    }
    if (error == ENOENT)
        return complain("the kernel's packet filter cannot queue (no nft_queue, nor nft_compat and xt_NFQUEUE)");
    if (error) return complain("packet filter: %s", strerror(error));
    for (struct link *link = space->links; link; link = link->next)
        if (link->to.length == length) link->ruled = true;
    return true;
}

static bool write_rules_of_all(struct space *space, bool renew) {
    return write_family(space, 4, &space->ruled4, renew) && write_family(space, 16, &space->ruled6, renew);
}

bool rules_add(struct space *space) { return write_rules_of_all(space, false); }

bool rules_renew(struct space *space) { return write_rules_of_all(space, true); }
