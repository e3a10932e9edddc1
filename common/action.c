#include "action.h"

#define FROM(name) (1u << STATE_##name)

//  Letters: see case.h. Every change may also set k (clocks), n (next alarm).
static const action_t actions[] = {
    {.name = "register",
        .to = FROM (RECEIVED),
        .fields = "sdyuowrCBF",
        .vi = "tiếp nhận",
        .en = "register",
        .basis = "ND154 Art.27"},
    {.name = "assign",
        .from = FROM (RECEIVED) | FROM (TRIAGE),
        .to = FROM (ASSIGNED),
        .moves_owner = true,
        .fields = "suowtfpgjlcbxaz",
        .vi = "giao đơn vị chủ trì",
        .en = "assign",
        .basis = "LTCD 26, 28"},
    {.name = "propose",
        .from = FROM (RECEIVED) | FROM (TRIAGE),
        .to = FROM (TRIAGE),
        .fields = "stfpgjlcbxa",
        .vi = "đề xuất, chờ phân loại",
        .en = "propose",
        .basis = "TT05"},
    {.name = "recuse",
        .from = FROM (RECEIVED) | FROM (TRIAGE) | FROM (ASSIGNED),
        .to = FROM (TRIAGE) | FROM (ASSIGNED),
        .moves_owner = true,
        .fields = "seuowtfpgjlcbxaz",
        .vi = "chuyển lên cấp trên không liên quan",
        .en = "recuse",
        .basis = "LTC 12"},
    {.name = "guide",
        .from = FROM (TRIAGE),
        .to = FROM (GUIDED),
        .by_person = true,
        .fields = "stfpgjcbxa",
        .vi = "hướng dẫn",
        .en = "guide",
        .basis = "LTCD 26.1"},
    {.name = "transfer",
        .from = FROM (TRIAGE),
        .to = FROM (TRANSFERRED),
        .by_person = true,
        .fields = "stfpgjcbxa",
        .vi = "chuyển đơn",
        .en = "transfer out",
        .basis = "LTC 24.2; LTCD 26"},
    {.name = "file",
        .from = FROM (TRIAGE),
        .to = FROM (FILED),
        .by_person = true,
        .fields = "stfpgja",
        .vi = "lưu đơn",
        .en = "file without action",
        .basis = "TT05 Art.6"},
};
enum { ACTION_COUNT = sizeof actions / sizeof *actions };

const action_t *
action_find (slice_t name)
{
    for (size_t i = 0; i < ACTION_COUNT; i++)
        if (slice_is (name, actions[i].name))
            return &actions[i];
    return NULL;
}

const action_t *
action_all (size_t *count)
{
    *count = ACTION_COUNT;
    return actions;
}

static void
states_lua (unsigned states, buffer_t *out)
{
    buffer_printf (out, "{");
    for (unsigned i = 0; i < STATE_COUNT; i++)
        if (states & (1u << i))
            buffer_printf (out, "['%s']=true,", state_code ((case_state_t)i));
    buffer_printf (out, "}");
}

void
action_lua (buffer_t *out)
{
    buffer_printf (out, "local LIVE = {");
    for (unsigned i = 0; i < STATE_COUNT; i++)
        if (state_is_live ((case_state_t)i))
            buffer_printf (out, "['%s']=true,", state_code ((case_state_t)i));
    buffer_printf (out, "}\nlocal ACTIONS = {\n");
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        buffer_printf (out, "  ['%s'] = {from=", actions[i].name);
        states_lua (actions[i].from, out);
        buffer_printf (out, ", to=");
        states_lua (actions[i].to, out);
        buffer_printf (out, ", owner=%s, person=%s, fields={",
            actions[i].moves_owner ? "true" : "false", actions[i].by_person ? "true" : "false");
        for (const char *letter = actions[i].fields; *letter; letter++)
            buffer_printf (out, "%c=true,", *letter);
        buffer_printf (out, "k=true,n=true}},\n");
    }
    buffer_printf (out, "}\n");
}
