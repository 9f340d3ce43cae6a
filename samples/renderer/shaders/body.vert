#version 330
uniform mat4 view_projection, light_projection;
uniform mat4 bones[64];
uniform float sole_m;
in vec3 in_position, in_normal, in_place;
in float in_slack;
in vec4 in_clothes, in_face, in_bones_a, in_bones_b, in_weights_a, in_weights_b;
out vec3 position, normal, place;
out float over_sole;
out vec4 clothes, face, in_light;

void main() {
    mat4 carry = mat4(0.0);
    for (int i = 0; i < 4; i++) {
        carry += in_weights_a[i] * bones[int(in_bones_a[i] + 0.5)];
        carry += in_weights_b[i] * bones[int(in_bones_b[i] + 0.5)];
    }
    vec4 world = carry * vec4(in_position, 1.0);
    normal = mat3(carry) * in_normal;
    if (in_slack > 0.0) {
        vec3 n = normalize(normal);
        world.y -= in_slack * max(-n.y, 0.0);
        world.xyz -= 0.35 * in_slack * max(n.y, 0.0) * n;
    }
    position = world.xyz;
    place = in_place;
    over_sole = in_position.y - sole_m;
    clothes = in_clothes;
    face = in_face;
    in_light = light_projection * vec4(world.xyz, 1.0);
    gl_Position = view_projection * vec4(world.xyz, 1.0);
}
