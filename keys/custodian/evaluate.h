/* EVALUATE: permitted by the manifest, evaluated, charged and written down, answered. */
#ifndef KEYS_CUSTODIAN_EVALUATE_H
#define KEYS_CUSTODIAN_EVALUATE_H

#include "keys/custodian/state.h"
#include "protocol/base/metrics.h"
#include "protocol/daemon/receive.h"

/* concord_evaluated_total, concord_evaluated_again_total: elements, by agency. */
extern struct metric evaluated_metric, repeated_metric;

/* Answers the request and ends it. */
void custodian_evaluate(struct custodian *custodian, struct rpc_request *request, const struct received *from);

#endif
