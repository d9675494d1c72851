// Kernels of the QuickSilver proof (Yang, Sarkar, Weng, Wang, ePrint 2021/076) over correlated OTs.
//
// A wire is one block. The prover holds M with the bit x in M's lowest bit; the verifier holds K with lowest
// bit 0; M = K + x·Delta, where Delta has lowest bit 1. The field is GF(2^128) modulo x^128 + x^7 + x^2 + x + 1,
// bit i of the little-endian block being the coefficient of x^i.
//
// A constraint is a degree-2 polynomial that vanishes on the witness. The prover stores for it the pair (A0, A1),
// the verifier the block B; B = A0 + A1·Delta holds exactly if it vanishes (otherwise B has a term in Delta^2).
// A cubic constraint has degree 3: the prover stores (A0, A1, A2), and B = A0 + A1·Delta + A2·Delta^2 if it vanishes.
// Gates and S-boxes are not stored one by one: their polynomials take values in GF(2) and GF(2^8), so up to 128 of
// the former and 16 of the latter are combined with 1, X, X^2, ... , which are linearly independent over these
// subfields. The combination vanishes if and only if every part does; nothing is lost and memory shrinks likewise.
//
// Everything here is constant time in wires, correlations, Delta and witness; circuits and counts are public.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "tab_block.h"
#include "tab_gate.h"

// ANDs combined into one constraint, and S-boxes (two constraints over GF(2^8) each) combined into one.
#define TAB_QS_GATES_PER_CONSTRAINT 128
#define TAB_QS_SBOXES_PER_CONSTRAINT 8

// Committed bytes (8 correlations each) and stored constraints of each AES step.
#define TAB_QS_AES_KEY_SCHEDULE_BYTES 40
#define TAB_QS_AES_KEY_SCHEDULE_CONSTRAINTS 10
#define TAB_QS_AES_BLOCK_BYTES 160
#define TAB_QS_AES_BLOCK_CONSTRAINTS 20
#define TAB_QS_AES_CTR_PREFIX_BYTES 27
#define TAB_QS_AES_CTR_PREFIX_CONSTRAINTS 4
// A counter block. Rounds 3 to 10 come in pairs: half a committed byte an S-box in the first, one in the second.
#define TAB_QS_AES_CTR_BLOCK_BYTES 101
#define TAB_QS_AES_CTR_BLOCK_CONSTRAINTS 2
#define TAB_QS_AES_CTR_BLOCK_CUBIC_CONSTRAINTS 16
// A counter block whose output is opened: the inverses of its last round follow from the 16 opened bytes, which come
// after the committed ones in the message as they are.
#define TAB_QS_AES_OPENED_CTR_BLOCK_BYTES 85
#define TAB_QS_AES_OPENED_CTR_BLOCK_OPENED_BYTES 16
// Blocks of a prefix: 24 wires of round 1 and 96 of round 2, after their S-boxes; four round keys for use in
// polynomials of degree 2.
#define TAB_QS_AES_CTR_PREFIX_BLOCKS 632

// Where a party is in its correlations, its message and its constraints. The kernels advance the pointers by what
// the step uses; the caller provides room for exactly that. The prover writes the message (it need not be cleared
// before), the verifier only reads it. A pointer is null only if nothing is used of what it points to.
typedef struct {
    const tab_block *_Nullable correlations;
    uint8_t *_Nullable message;
    // The prover: A0 of each constraint. The verifier: B of each.
    tab_block *_Nullable constraints;
    // The prover: A1 of each constraint. The verifier: not used.
    tab_block *_Nullable linear_terms;
    // The same of each cubic constraint: A0 or B, and the prover's A1 and A2.
    tab_block *_Nullable cubic_constraints;
    tab_block *_Nullable cubic_linear_terms;
    tab_block *_Nullable cubic_quadratic_terms;
    // The verifier's global key; zero for the prover.
    tab_block delta;
    uint32_t is_prover;
} tab_qs_cursor;

// Runs a circuit's gates over `slots`, which hold the inputs. Uses and_count correlations, ceil(and_count / 8)
// message bytes (bit i of the message, lowest first, corrects AND number i; the padding is zero) and
// ceil(and_count / 128) constraints. The verifier has checked the padding.
void tab_qs_run(tab_qs_cursor *_Nonnull cursor, const tab_gate *_Nonnull gates, size_t gate_count,
                tab_block *_Nonnull slots);

// AES-128 with one committed byte y per S-box input x, held to x^2·y = x and x·y^2 = y: y is the inverse of x, or
// both are zero. Wires are in byte order, lowest bit of each byte first. 128 key wires to 11 round keys.
void tab_qs_aes_key_schedule(tab_qs_cursor *_Nonnull cursor, const tab_block *_Nonnull key,
                             tab_block *_Nonnull round_keys);
// One block: 1408 round-key wires and 128 input wires to 128 output wires.
void tab_qs_aes_encrypt(tab_qs_cursor *_Nonnull cursor, const tab_block *_Nonnull round_keys,
                        const tab_block *_Nonnull input, tab_block *_Nonnull output);
// What all counter blocks with the same 96 nonce wires and upper 24 counter bits share: 15 S-boxes of round 1 and
// 12 of round 2. `counter` is any such counter.
void tab_qs_aes_ctr_prefix(tab_qs_cursor *_Nonnull cursor, const tab_block *_Nonnull round_keys,
                           const tab_block *_Nonnull nonce, uint32_t counter, tab_block *_Nonnull prefix);
// The encryption of nonce || counter, counter in big-endian byte order, its upper 24 bits being the prefix's.
void tab_qs_aes_ctr_block(tab_qs_cursor *_Nonnull cursor, const tab_block *_Nonnull round_keys,
                          const tab_block *_Nonnull prefix, uint32_t counter, tab_block *_Nonnull output);
// The same, opened: 16 bytes to both parties instead of wires.
void tab_qs_aes_opened_ctr_block(tab_qs_cursor *_Nonnull cursor, const tab_block *_Nonnull round_keys,
                                 const tab_block *_Nonnull prefix, uint32_t counter, uint8_t *_Nonnull output);

// The sum of wires[i]·X^i for i < count <= 128.
tab_block tab_qs_pack(const tab_block *_Nonnull wires, size_t count);

// Writes the lowest bits of the wires, first wire first, lowest bit of each byte first, and zeros up to the next byte.
void tab_qs_low_bits(const tab_block *_Nonnull wires, size_t count, uint8_t *_Nonnull bytes);
