package cablestream.support.containers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs a test class once in a Tomcat and once in a Jetty, which its constructor receives. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass
@EnumSource(
    value = Container.class,
    names = {"TOMCAT11", "JETTY_EE10"})
public @interface InTomcatAndJetty {}
